internal import ArgumentParser
internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRules
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
      is constant is evidence of nothing, and reported as such. Of scores of classes it tells how
      often another class wins.

      Examples:
        surgeon verify before.onnx after.onnx --inputs samples.npz --precision double
        surgeon verify before.onnx after.onnx --first-divergence
        surgeon rewrite before.onnx --to groupnorm --print-plan -o after.onnx > plan.toml
        surgeon verify before.onnx after.onnx --rtol 0.05 --bisect plan.toml
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

  @Option(
    name: .customLong("bisect"),
    help: ArgumentHelp(
      "Find the smallest set of rewrites of this plan ('surgeon rewrite --print-plan') that breaks "
        + "the tolerance.", valueName: "plan"),
    completion: .file(extensions: ["toml", "json"]))
  var bisectedPlan: String?

  @OptionGroup var output: OutputOptions

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let (first, second) = (try ModelReader.read(path: before), try ModelReader.read(path: after))
    data.samples.warnOfDimensions(missingFrom: first, second, to: context.console)
    var options = comparison.verifierOptions(data)
    let outputs = first[first.mainGraph].outputs.map { first[$0].name }
    for argument in tolerances {
      guard outputs.contains(argument.name) else {
        throw SurgeonError(
          .invalidData, "no output is called '\(argument.name)' (--tolerance)", at: [before],
          detail: "outputs: " + outputs.map { "'\($0)'" }.joined(separator: ", "))
      }
      options.tolerances[argument.name] = argument.tolerance
    }
    var progress = ProgressLine("verifying", on: context.console)
    let samples = try data.source(for: first)
    data.samples.noteUnused(of: samples, for: first, to: context.console)
    let report = try Verifier(options: options).verify(first, second, samples: samples) {
      progress.update($0)
    }
    progress.finish()
    let divergence = firstDivergence ? try findDivergence(first, second) : nil
    let bisection = try bisectedPlan.map { (path) throws(SurgeonError) in
      try bisect(first, path, samples, options, context)
    }
    let precision = comparison.session.precision
    if output.json {
      context.console.printJSON(
        VerifyDocument(
          report, precision: precision.rawValue, divergence: divergence, bisection: bisection),
        command: "verify")
    } else {
      VerificationText(report: report, precision: precision.text).print(to: context.console)
      if firstDivergence {
        DriftText(drifts: [], divergence: divergence).printDivergence(to: context.console)
      }
      if let bisection { BisectionText(bisection: bisection).print(to: context.console) }
    }
    return report.holds ? .success : .differs
  }

  private func bisect(
    _ model: Model, _ path: String, _ samples: any SampleSource, _ options: Verifier.Options,
    _ context: CommandContext
  ) throws(SurgeonError) -> Bisection {
    let plan: NormalizationPlan
    let text = try TextFile.read(path)
    do {
      plan = try NormalizationPlan.parse(text)
    } catch {
      throw error.within(path)
    }
    var progress = ProgressLine("trying each rewrite alone", on: context.console)
    defer { progress.finish() }
    return try Bisection(
      of: plan, on: model, verifier: Verifier(options: options), samples: samples,
      observer: observer(for: plan)
    ) { progress.update(Double($0) / Double($1)) }
  }

  /// Where the plan fits to data and there are data.
  private func observer(for plan: NormalizationPlan) -> SampleRuns? {
    guard data.inputs != nil, plan.entries.contains(where: \.options.isFittedToData) else {
      return nil
    }
    let data = data
    return SampleRuns(options: comparison.session.options(data)) { model throws(SurgeonError) in
      try data.source(for: model)
    }
  }

  private func findDivergence(
    _ first: Model, _ second: Model
  ) throws(SurgeonError) -> Divergence? {
    let correspondence = try StructuralDiff(first, second).correspondence
    let lockStep = try LockStep(
      first, second, correspondence: correspondence, options: comparison.session.options(data))
    return Divergence(try lockStep.run(try data.source(for: first)), in: second)
  }
}
