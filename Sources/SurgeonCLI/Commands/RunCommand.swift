internal import ArgumentParser
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonVerify

/// `surgeon run MODEL`.
struct RunCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Execute a model on CPU kernels.",
    discussion: """
      Without --inputs the model runs on random data. -o writes the outputs in the forms that
      --inputs reads. --repeat-state feeds each output NAME.next back into the input NAME;
      --final-state keeps what the last sample left, for surgeon rewrite --state.

      Examples:
        surgeon run model.onnx --inputs samples.npz -o outputs.npz
        surgeon run model.onnx --repeat 20 --optimize --json
        surgeon run stream.onnx --inputs samples/ --repeat-state --final-state final.npz
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["onnx"]))
  var model: String

  @OptionGroup var data: DataOptionGroup

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "Where to write the outputs; with npy and pb a directory.", valueName: "path"))
  var outputPath: String?

  @Option(help: ArgumentHelp("The form of the outputs.", valueName: "form"))
  var outputFormat = OutputWriter.Format.npz

  @OptionGroup var session: SessionOptionGroup

  @Option(help: ArgumentHelp("Who computes where there is a choice.", valueName: "engine"))
  var engine = SessionOptions.Engine.fast

  @Flag(help: "Fuse operators before running.")
  var optimize = false

  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp("Run the first sample N times more and report the time.", valueName: "n"))
  var repetitions = 0

  @Flag(help: "Report the time of each operator, and of what came before the first result.")
  var profile = false

  @Flag(help: "Keep every intermediate value among the outputs.")
  var allValues = false

  @Flag(help: "Feed outputs NAME.next back into inputs NAME, from sample to sample.")
  var repeatState = false

  @Option(
    help: ArgumentHelp(
      "Where to write the state after the last sample (.npz); with --repeat-state.",
      valueName: "path"))
  var finalState: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if finalState != nil, !repeatState {
      throw ValidationError("--final-state needs --repeat-state")
    }
    if repetitions < 0 { throw ValidationError("--repeat must not be negative") }
  }

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    let start = ContinuousClock.now
    let model = try ModelReader.read(path: self.model)
    if let outputPath, outputFormat == .npz { try WholeFile.requireWritable(outputPath) }
    if let finalState { try WholeFile.requireWritable(finalState) }
    data.samples.warnOfDimensions(missingFrom: model, to: context.console)
    let samples = try data.source(for: model)
    data.samples.noteUnused(of: samples, for: model, to: context.console)
    let read = ContinuousClock.now
    let runner = ModelRunner(
      session: try Session(model, options: sessionOptions(for: samples)), keepsAllValues: allValues,
      repeatsState: repeatState)
    let planned = ContinuousClock.now
    if let finalState, !runner.hasState {
      throw SurgeonError(
        .impossible, "there is no state to write to '\(finalState)'",
        detail: "no output NAME\(StatePairs.suffix) of the model belongs to an input NAME",
        hint: "surgeon rewrite --to welford or --to running makes a model with state")
    }
    if repeatState, !runner.hasState {
      Diagnostics.warn(
        "no output NAME\(StatePairs.suffix) of the model belongs to an input NAME: there is no state "
          + "to repeat", to: context.console)
    }
    var writer = outputPath.map { OutputWriter(path: $0, format: outputFormat) }
    var progress = ProgressLine("running", on: context.console)
    var summary = RunSummary()
    let state = try runner.run(samples) { (index, outputs) throws(SurgeonError) in
      if index == 0 {
        if profile {
          summary.firstResult = FirstResult(
            start: start, read: read, planned: planned, end: .now, preparation: .ofProcess)
        }
        summary.outputs = try outputs.map(ValueSummary.init)
      }
      try writer?.append(outputs)
      progress.update(Double(index + 1) / Double(samples.count))
    }
    summary.samples = samples.count
    if profile { summary.profile = try runner.profile(try samples.sample(0)) }
    let first = try samples.sample(0)
    for _ in 0..<repetitions {
      summary.durations.append(try runner.time(first))
    }
    progress.finish()
    try writer?.finish()
    if let finalState { try write(state, to: finalState) }
    summary.peakBytes = ProcessMemory.peak
    if output.json {
      context.console.printJSON(RunDocument(summary, outputPath: outputPath), command: "run")
    } else {
      RunText(summary: summary, outputPath: outputPath).print(to: context.console)
    }
    return .success
  }

  private func write(_ state: [String: Datum], to path: String) throws(SurgeonError) {
    var writer = OutputWriter(path: path, format: .npz)
    try writer.append(state.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    try writer.finish()
  }

  private func sessionOptions(for samples: any SampleSource) -> SessionOptions {
    var options = session.options(data)
    options.engine = engine
    options.optimize = optimize
    options.runsOnce = samples.count == 1 && repetitions == 0 && !profile
    return options
  }
}
