internal import ArgumentParser
internal import SurgeonData
internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonVerify

/// `surgeon verify BEFORE AFTER`.
struct VerifyCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Run two models with the same inputs and compare their outputs.",
    discussion: """
      Prints the verdict, then for each output the largest and mean absolute error, the error
      relative to the output's largest magnitude, cosine and signal-to-noise ratio. An output that
      is constant is evidence of nothing, and reported as such.

      Example:
        surgeon verify before.onnx after.onnx --inputs samples.npz --precision double
      """)

  @Argument(help: "The reference.", completion: .file(extensions: ["onnx"]))
  var before: String

  @Argument(help: "The model to compare with it.", completion: .file(extensions: ["onnx"]))
  var after: String

  @OptionGroup var data: DataOptionGroup
  @OptionGroup var comparison: ComparisonOptionGroup

  @Option(
    name: .customLong("tolerance"),
    help: ArgumentHelp(
      "Tolerances of a single output (repeatable).", valueName: "output=atol,rtol"))
  var tolerances: [ToleranceArgument] = []

  @Flag(help: "Name the earliest value where the models part, and the way there.")
  var firstDivergence = false

  @OptionGroup var output: OutputOptions

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let (first, second) = (try ModelReader.read(path: before), try ModelReader.read(path: after))
    var options = comparison.verifierOptions(data)
    for argument in tolerances { options.tolerances[argument.name] = argument.tolerance }
    var progress = ProgressLine("verifying", on: context.console)
    let samples = try data.source(for: first)
    let report = try Verifier(options: options).verify(first, second, samples: samples) {
      progress.update($0)
    }
    progress.finish()
    let divergence = firstDivergence ? try findDivergence(first, second) : nil
    let precision = comparison.precision
    if output.json {
      var document = VerificationDocument(report, precision: precision.rawValue)
      document.firstDivergence = divergence.map(DivergenceDocument.init)
      context.console.printJSON(document, command: "verify")
    } else {
      VerificationText(report: report, precision: precision.text).print(to: context.console)
      if firstDivergence {
        DriftText(drifts: [], divergence: divergence).printDivergence(to: context.console)
      }
    }
    return report.holds ? .success : .differs
  }

  private func findDivergence(
    _ first: Model, _ second: Model
  ) throws(SurgeonError) -> Divergence? {
    let correspondence = try StructuralDiff(first, second).correspondence
    let lockStep = try LockStep(
      first, second, correspondence: correspondence, options: comparison.sessionOptions(data))
    let inputs = try data.source(for: first).sample(0)
    return Divergence(try lockStep.run(inputs), in: second)
  }
}
