public import ArgumentParser
internal import SurgeonIR
public import SurgeonRewrite

/// The command line of surgeon.
///
/// A tool that knows more rules than the built-in ones is a `main.swift` of one statement:
///
/// ```swift
/// SurgeonCommand.main(rules: [fuseHardSwish, findNormalization])
/// ```
public struct SurgeonCommand: ParsableCommand {
  /// In the order in which a user meets them: change, compare, look, run.
  static let subcommands: [any Subcommand.Type] = [
    RewriteCommand.self,
    DiffCommand.self,
    VerifyCommand.self,
    InspectCommand.self,
    WhyCommand.self,
    RunCommand.self,
    CalibrateCommand.self,
    ShowCommand.self,
  ]

  public static let configuration = CommandConfiguration(
    commandName: "surgeon",
    abstract: "Changes the normalisations of ONNX models and proves what it did.",
    discussion: """
      First steps:
        surgeon inspect model.onnx              what is in it, and how healthy it is
        surgeon rewrite model.onnx              freeze every BatchNormalization, verify, write
        surgeon diff before.onnx after.onnx     see what changed
        surgeon verify before.onnx after.onnx   see whether it still computes the same

      Exit status: 0 success or same, 1 the models differ or a verification failed,
      2 error, 64 wrong usage.
      """,
    version: Version.text,
    subcommands: subcommands)

  public init() {}

  /// Runs the process's command line and exits.
  public static func main() { main(rules: []) }

  /// The same with rules that apply in addition to the built-in ones.
  public static func main(rules: [RewriteRule]) {
    let console = Console.process()
    let status = run(
      Array(CommandLine.arguments.dropFirst()), in: CommandContext(console: console, rules: rules))
    status.exitProcess()
  }

  /// Runs a command line without ending the process.
  ///
  /// - Returns: the exit status; everything printed is in `context.console`.
  public static func run(_ arguments: [String], in context: CommandContext) -> ExitStatus {
    let status: ExitStatus
    do {
      var command = try parseAsRoot(arguments)
      if let subcommand = command as? any Subcommand {
        status = run(subcommand, in: context)
      } else {
        try command.run()
        status = .success
      }
    } catch {
      return context.finish(report(error, arguments, to: context.console))
    }
    return context.finish(status)
  }

  /// The error of a command that ran is a `SurgeonError`, with the form that the command was asked
  /// for; any other error is one of usage.
  private static func run(_ command: any Subcommand, in context: CommandContext) -> ExitStatus {
    command.output.configure(context.console)
    do {
      return try command.run(in: context)
    } catch {
      Diagnostics.print(error, asJSON: command.output.json, to: context.console)
      return .failure
    }
  }

  /// What the argument parser throws: a request for help, version or completions, or wrong usage.
  private static func report(
    _ error: any Error, _ arguments: [String], to console: Console
  ) -> ExitStatus {
    let text = fullMessage(for: error, columns: TerminalTable.width)
    if exitCode(for: error).isSuccess {
      console.print(text)
      return .success
    }
    if arguments.contains("--json") {
      Diagnostics.printUsageError(message(for: error), to: console)
    }
    console.printError(text)
    return .usage
  }
}
