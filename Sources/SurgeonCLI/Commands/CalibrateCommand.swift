internal import ArgumentParser
internal import SurgeonCalibrate
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonVerify

/// `surgeon calibrate MODEL --data X`.
struct CalibrateCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Measure mean and variance over data and give them to the BatchNormalizations.",
    discussion: """
      Sequential mode is exact: each BatchNormalization is measured with those before it already
      replaced, as if the whole set were one batch in training mode. Joint mode measures all in one
      pass with the statistics that the model has now. A BatchNormalization in training mode is in
      inference mode afterwards.

      --stats keeps what was collected, on SIGINT and SIGTERM too: interrupted work goes on from it.
      With --shard I/N it holds a part, and --merge puts the parts together; sequential mode takes
      one round of shards for each group, each from the merged file of the round before (--from).

      A channel that never varies over the data is an error, unless its variance in the model is
      not above epsilon either.

      Examples:
        surgeon calibrate model.onnx --data patches.npy -o calibrated.onnx
        surgeon calibrate model.onnx --data photos/ --size 224x224 --mean 0.45 --std 0.23
        surgeon calibrate model.onnx --mode joint --data set/ --shard 2/4 --stats part2.json
        surgeon calibrate model.onnx --merge part1.json part2.json -o calibrated.onnx
      """)

  @Argument(
    help: "The model; --merge without -o needs none.", completion: .file(extensions: ["onnx"]))
  var model: String?

  @OptionGroup var data: MeasuredDataOptionGroup

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "Where to write the model. (default: MODEL.calibrated.onnx)", valueName: "path"))
  var outputPath: String?

  @Option(help: ArgumentHelp("Exact, or in one pass.", valueName: "mode"))
  var mode = CalibrationMode.sequential

  @Option(
    help: ArgumentHelp(
      "Where to keep what was collected, and where to go on from.", valueName: "file"))
  var stats: String?

  @Option(help: ArgumentHelp("Statistics of the rounds before.", valueName: "file"))
  var from: String?

  @Option(help: ArgumentHelp("Measure the I-th of N parts of the data.", valueName: "i/n"))
  var shard: ShardArgument?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Put the statistics of all shards together.", valueName: "file"))
  var merge: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where activations go when memory is full. (default: TMPDIR, or /var/tmp)",
      valueName: "directory"))
  var workspace: String?

  @Option(
    help: ArgumentHelp(
      "Megabytes that they may take there. (default: three quarters of what is free)",
      valueName: "mb"))
  var workspaceLimit: Int?

  @Option(
    help: ArgumentHelp(
      "Megabytes of activations to keep in memory. (default: 128, or all where they are many and have room)",
      valueName: "mb"))
  var memory: Int?

  @Flag(help: "Accept channels that never vary over the data.")
  var allowConstant = false

  @Flag(help: "Also compare the outputs before and after on the data.")
  var report = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if merge.isEmpty {
      if model == nil { throw ValidationError("a model is needed") }
      if data.path == nil { throw ValidationError("--data is needed: what to measure") }
    } else if model == nil, outputPath != nil {
      throw ValidationError("-o needs the model to write")
    }
    if shard != nil, stats == nil { throw ValidationError("--shard needs --stats FILE") }
    if memory ?? 0 < 0 { throw ValidationError("--memory must not be negative") }
    if workspaceLimit ?? 0 < 0 { throw ValidationError("--workspace-limit must not be negative") }
  }

  func run(in context: CommandContext) throws(SurgeonError) -> ExitStatus {
    var outcome = CalibrationOutcome()
    let merged = try merge.isEmpty ? nil : mergedParts()
    if let model {
      let before = try ModelReader.read(path: model)
      let path = outputPath ?? Self.defaultOutput(for: model)
      // Rounds of shards write no model before the last.
      let isLast = outputPath != nil || (shard == nil && merge.isEmpty)
      let draft = isLast ? try ModelDraft(of: before, to: path) : nil
      data.samples.warnOfDimensions(missingFrom: before, to: context.console)
      let calibrator = try Calibrator(before, options: options(mode: merged?.mode ?? mode))
      let statistics: CollectedStatistics
      if let merged {
        statistics = merged
      } else {
        draft?.copyWeights(of: calibrator.outline)
        statistics = try collect(before, calibrator, context)
      }
      try keep(statistics, &outcome)
      if let shard = statistics.shard, statistics.isPartComplete, statistics.samples == 0 {
        outcome.warnings = ["shard \(shard.index) of \(shard.count) holds no samples"]
      }
      if statistics.isComplete {
        let after = try calibrator.model(with: statistics)
        if let first = calibrator.stoppedDropouts.first {
          outcome.warnings.append(
            "\(NumberText.count(calibrator.stoppedDropouts.count, "Dropout")) in training mode"
              + " (first: '\(first)') was measured, and is now, in inference mode")
        }
        outcome.report = try calibrator.report(statistics)
        if report { outcome.drift = try compare(before, after, context) }
        let written =
          if let draft { try draft.write(after) } else { try ModelWriter.write(after, to: path) }
        outcome.warnings += written.warnings
        outcome.outputPath = path
      }
    } else if let merged {
      try keep(merged, &outcome)
    }
    if output.json {
      context.console.printJSON(CalibrateDocument(outcome), command: "calibrate")
    } else {
      CalibrateText(outcome: outcome).print(to: context.console)
    }
    return .success
  }

  private func keep(
    _ statistics: CollectedStatistics, _ outcome: inout CalibrationOutcome
  ) throws(SurgeonError) {
    outcome.statistics = statistics
    guard let stats else { return }
    try StatisticsFile.write(statistics, to: stats)
    outcome.statisticsPath = stats
  }

  private func mergedParts() throws(SurgeonError) -> CollectedStatistics {
    var parts: [CollectedStatistics] = []
    for path in merge { parts.append(try StatisticsFile.read(path)) }
    return try CollectedStatistics.merged(parts)
  }

  private func collect(
    _ model: Model, _ calibrator: Calibrator, _ context: CommandContext
  ) throws(SurgeonError) -> CollectedStatistics {
    guard let samples = try data.source(for: model) else {
      throw SurgeonError(.impossible, "there are no data to measure", hint: "name them with --data")
    }
    data.samples.noteUnused(of: samples, for: model, to: context.console)
    let earlier = try earlierWork()
    let stats = stats
    func keep(_ statistics: CollectedStatistics) throws(SurgeonError) {
      if let stats { try StatisticsFile.write(statistics, to: stats) }
    }
    var progress = ProgressLine("calibrating", on: context.console)
    defer { progress.finish() }
    // Without a file to keep it in, nothing is worth waiting for.
    if stats != nil { Interruption.listen() }
    defer { Interruption.stopListening() }
    guard let shard else {
      return try calibrator.collect(
        samples, from: earlier, checkpoint: keep, progress: { progress.update($0) })
    }
    return try calibrator.collectPart(
      samples, from: earlier, shard: shard.shard, checkpoint: keep,
      progress: { progress.update($0) })
  }

  /// What to go on from: our own file, unless that is of a round before the given one.
  private func earlierWork() throws(SurgeonError) -> CollectedStatistics? {
    let given = try from.map { path throws(SurgeonError) in try StatisticsFile.read(path) }
    guard let stats, StatisticsFile.exists(stats) else { return given }
    let own = try StatisticsFile.read(stats)
    guard let given, given.completeGroups > own.completeGroups else { return own }
    return given
  }

  private func compare(
    _ before: Model, _ after: Model, _ context: CommandContext
  ) throws(SurgeonError) -> VerificationReport? {
    guard let samples = try data.source(for: before) else { return nil }
    var options = Verifier.Options()
    options.threads = data.threads.count
    options.dimensions = data.samples.dimensions.sizes
    options.confirmsInDouble = false
    var progress = ProgressLine("comparing", on: context.console)
    defer { progress.finish() }
    return try Verifier(options: options).verify(before, after, samples: samples) {
      progress.update($0)
    }
  }

  private func options(mode: CalibrationMode) -> Calibrator.Options {
    var options = Calibrator.Options()
    options.mode = mode
    options.session.threads = data.threads.count
    options.session.dimensions = data.samples.dimensions.sizes
    options.memoryLimit = memory.map(Self.bytes)
    if let workspace { options.workspace = workspace }
    options.workspaceLimit = workspaceLimit.map(Self.bytes)
    options.allowsConstantChannels = allowConstant
    options.recordsOrigin = stats != nil
    options.isInterrupted = { Interruption.isPending }
    return options
  }

  /// All there are, where there are no more than that many megabytes.
  private static func bytes(megabytes: Int) -> Int { min(megabytes, .max >> 20) << 20 }

  /// `model.onnx` becomes `model.calibrated.onnx`.
  static func defaultOutput(for path: String) -> String {
    (path.hasSuffix(".onnx") ? String(path.dropLast(".onnx".count)) : path) + ".calibrated.onnx"
  }
}

/// `2/4`: the second of four parts.
struct ShardArgument: ExpressibleByArgument {
  let shard: CollectedStatistics.Shard

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(index)
    else { return nil }
    shard = CollectedStatistics.Shard(index: index, count: count)
  }
}
