internal import ArgumentParser
internal import SurgeonData
internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonVerify

/// `surgeon diff BEFORE AFTER`.
struct DiffCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what differs between two models, whatever the names.",
    usage: "surgeon diff <before> <after> [<options>]",
    discussion: """
      Nodes are matched by structure: a model whose every name changed has the same
      structure. Nodes whose place others took are shown as replaced, initializers
      that changed with the size of the change.

      The exit status is 0 where nothing differs, 1 where something does. As git's
      external diff, with the seven arguments that git gives, it is always 0.

      Examples:
        surgeon diff before.onnx after.onnx
        surgeon diff before.onnx after.onnx --stat
        surgeon diff before.onnx after.onnx --run --html report.html
        git config diff.onnx.command 'surgeon diff'
      """)

  @Argument(
    help: ArgumentHelp("The two models, or what git gives an external diff.", valueName: "model"),
    completion: .file(extensions: ["onnx"]))
  var models: [String]

  @Flag(help: "A summary as in git.")
  var stat = false

  @Flag(help: "Names alone are no difference.")
  var ignoreNames = false

  @Flag(
    name: .customLong("run"),
    help: "Run both models in lock step and show how far each value drifts.")
  var runsModels = false

  @Option(
    help: ArgumentHelp(
      "Write one page with both graphs side by side; Graphviz lays them out.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var html: String?

  @OptionGroup(title: "With --run") var data: DataOptionGroup
  @OptionGroup(title: "With --run") var comparison: ComparisonOptionGroup
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard models.count == 2 || GitArguments(models) != nil else {
      throw ValidationError("two models are compared, \(models.count) given")
    }
  }

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let git = GitArguments(models)
    if let git, let added = git.onlySide {
      context.console.print(git.headline)
      try InspectText(path: git.path, readFrom: added).print(to: context.console)
      return .success
    }
    let (first, second) = (git?.before ?? models[0], git?.after ?? models[1])
    let (before, after) = (try ModelReader.read(path: first), try ModelReader.read(path: second))
    let diff = try StructuralDiff(before, after)
    let report = try DiffReport(diff, before: before, after: after)
    if !runsModels, let path = data.inputs {
      Diagnostics.warn("\(path) had no say: nothing ran the models (--run)", to: context.console)
    }
    let drifts = runsModels ? try drift(before, after, diff, context) : nil
    if let html {
      let page = try DiffPage(
        diff: diff, report: report, before: before, after: after, drifts: drifts ?? [],
        titles: (first, second))
      try TextFile.write(try page.html(), to: html)
    }
    if output.json {
      var document = DiffDocument(report, before: first, after: second)
      document.drift = drifts.map { $0.map(ValueDriftDocument.init) }
      context.console.printJSON(document, command: "diff")
    } else {
      if let git { context.console.print(git.headline) }
      let text = DiffText(report: report, before: git?.path ?? first, after: git?.path ?? second)
      stat ? text.printStatistics(to: context.console) : text.print(to: context.console)
      if let drifts {
        DriftText(drifts: drifts, divergence: Divergence(drifts, in: after))
          .print(to: context.console)
      }
      if let html { context.console.print("wrote \(html)") }
    }
    if git != nil { return .success }
    let isSame = report.isIdentical || (ignoreNames && report.isSameStructure)
    return isSame ? .success : .differs
  }

  private func drift(
    _ before: Model, _ after: Model, _ diff: StructuralDiff, _ context: CommandContext
  ) throws(SurgeonError) -> [LockStep.ValueDrift] {
    data.samples.warnOfDimensions(missingFrom: before, after, to: context.console)
    let samples = try data.source(for: before)
    data.samples.noteUnused(of: samples, for: before, to: context.console)
    let lockStep = try LockStep(
      before, after, correspondence: diff.correspondence,
      options: comparison.session.options(data))
    var progress = ProgressLine("running both models", on: context.console)
    defer { progress.finish() }
    return try lockStep.run(samples) { progress.update($0) }
  }
}

/// What git gives an external diff: path, old file, old hash, old mode, new file, new hash, new mode,
/// and for a renamed file the new path and a description.
struct GitArguments {
  let path: String
  let before: String
  let after: String

  init?(_ arguments: [String]) {
    guard arguments.count == 7 || arguments.count == 9 else { return nil }
    path = arguments.count == 9 ? arguments[7] : arguments[0]
    (before, after) = (arguments[1], arguments[4])
  }

  /// The file that there is, where the other side is missing.
  var onlySide: String? {
    if before == "/dev/null" { return after }
    return after == "/dev/null" ? before : nil
  }

  var headline: String {
    if before == "/dev/null" { return "new model \(path)" }
    return after == "/dev/null" ? "deleted model \(path)" : "model \(path)"
  }
}
