internal import ArgumentParser
internal import SurgeonIR

/// A command of `surgeon`.
protocol Subcommand: ParsableCommand {
  /// `--json` and `--color`, which every command has.
  var output: OutputOptions { get }

  /// Does the work. Prints the result through the context's console only.
  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus
}
