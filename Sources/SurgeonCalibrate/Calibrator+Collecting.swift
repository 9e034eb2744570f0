public import SurgeonData
public import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonShapes

extension Calibrator {
  /// Measures what `earlier` has not measured yet.
  ///
  /// In sequential mode what a later group needs of a sample is kept, or computed again where that
  /// is cheaper (`SequentialSchedule`). Work that goes on after group g does all but the measuring of
  /// the groups before once more, so that its result is that of work that never stopped, bit for
  /// bit.
  ///
  /// - Parameters:
  ///   - earlier: what interrupted work has left.
  ///   - checkpoint: called with what can be taken up again, now and then and at the end.
  ///   - progress: called with the part that is done, from 0 to 1.
  /// - Throws: what reading and running throw; `invalidData` where a sample or an activation is not
  ///   finite, where a channel never varies (see `ConstantChannels`), where there are no samples,
  ///   and where `earlier` is of another model; `interrupted` as `Options.isInterrupted` says.
  public func collect(
    _ samples: any SampleSource, from earlier: CollectedStatistics? = nil,
    checkpoint: (CollectedStatistics) throws(SurgeonError) -> Void = { _ in },
    progress: (Double) -> Void = { _ in }
  ) throws(SurgeonError) -> CollectedStatistics {
    if options.mode == .joint {
      return try collectPart(
        samples, from: earlier, shard: nil, checkpoint: checkpoint, progress: progress)
    }
    try requireSamples(samples.count)
    var statistics = try start(from: earlier)
    // A group that was measured in part is measured again: its frontier is gone.
    statistics.entries.removeAll { $0.group >= statistics.completeGroups }
    let firstGroup = statistics.completeGroups
    guard firstGroup < groupCount else { return statistics }
    let schedule = try schedule(for: samples)
    let store = FrontierStore(memoryLimit: options.memoryLimit, directory: options.workspace)
    let pool = BufferPool(limit: Self.poolLimit, arena: Arena())
    var current = try model(withCompleteGroupsOf: statistics)
    var clock = CheckpointClock(interval: options.checkpointInterval)
    let steps = Double(groupCount * samples.count)
    for (group, stage) in schedule.stages.enumerated() {
      // Groups that are done leave what they keep, computed as the first time.
      let isDone = group < firstGroup
      if !isDone || !stage.part.outputs.isEmpty {
        let run = try StageRun(
          stage, of: current, types: types, options: options.session, pool: pool)
        for index in 0..<samples.count {
          if options.isInterrupted() {
            // A group that was measured in part is worth nothing without its frontier.
            statistics.entries.removeAll { $0.group >= statistics.completeGroups }
            throw try interruption(statistics, checkpoint)
          }
          let inputs = try inputs(of: stage, samples, index, store)
          let outputs =
            isDone
            ? try run.compute(inputs) : try run.measure(inputs, sample: index, into: &statistics)
          for (name, value) in outputs { try store.put(value, of: name, sample: index) }
          progress(Double(group * samples.count + index + 1) / steps)
        }
      }
      store.drop(stage.lastUses.map { model[$0].name })
      // The next group has values of other sizes, which take the same pages.
      pool.drain()
      if isDone { continue }
      statistics.finishGroup()
      let isComplete = statistics.isComplete
      if clock.isDue || isComplete { try checkpoint(statistics) }
      do throws(SurgeonError) {
        try requireVariation(in: statistics, at: stage.sites)
      } catch {
        // Measured is measured: whoever accepts the channels goes on from here.
        if !isComplete { try checkpoint(statistics) }
        throw error
      }
      for site in stage.sites { try current.setStatistics(statistics, of: site) }
    }
    return statistics
  }

  private func schedule(
    for samples: any SampleSource
  ) throws(SurgeonError) -> SequentialSchedule {
    let sample = try samples.sample(0)
    let given = sample.compactMapValues { datum in
      datum.tensor.map { ValueType.tensor($0.elementType, Shape($0.shape)) }
    }
    // Where the sample does not fit, the run says so.
    let types = try? ShapeInference.infer(
      model, inputs: given, dimensions: options.session.dimensions)
    let costs = types.map {
      StageCosts(
        model, types: $0, sampleCount: samples.count, memoryLimit: options.memoryLimit)
    }
    return SequentialSchedule(plan, in: model, costs: costs)
  }

  /// What a stage takes of one sample: graph inputs, and what stages before it kept.
  private func inputs(
    of stage: CalibrationStage, _ samples: any SampleSource, _ index: Int, _ store: FrontierStore
  ) throws(SurgeonError) -> [String: RuntimeValue] {
    var result: [String: RuntimeValue] = [:]
    var sample: [String: Datum]?
    for input in stage.part.inputs {
      let name = model[input].name
      if model[input].isGraphInput {
        if sample == nil { sample = try Self.checkedSample(samples, index) }
        result[name] = sample?[name].map { .datum($0) }
      } else {
        result[name] = try store.get(
          name, sample: index, isLast: stage.lastUses.contains(input))
      }
    }
    return result
  }

  /// Measures one round over a part of the data: the group after those that `earlier` holds, or in
  /// joint mode all sites. Parts are put together by `CollectedStatistics.merged`.
  ///
  /// - Parameter shard: which part; nil for all data, in joint mode.
  /// - Throws: as `collect` does; also where `earlier` was measured on another shard. A shard without
  ///   samples is no error: its statistics count nothing.
  public func collectPart(
    _ samples: any SampleSource, from earlier: CollectedStatistics? = nil,
    shard: CollectedStatistics.Shard?,
    checkpoint: (CollectedStatistics) throws(SurgeonError) -> Void = { _ in },
    progress: (Double) -> Void = { _ in }
  ) throws(SurgeonError) -> CollectedStatistics {
    var statistics = try start(from: earlier)
    if statistics.isComplete || statistics.isPartComplete { return statistics }
    try requireSamples(samples.count)
    // Of more shards than samples some have nothing to do: their part is empty.
    let mine = shard?.indices(of: samples.count) ?? Array(0..<samples.count)
    if statistics.samples > 0, statistics.shard != shard {
      throw SurgeonError(.invalidData, "the statistics are those of another shard")
    }
    statistics.shard = shard
    let stage =
      options.mode == .joint
      ? plan.wholeStage(in: model)
      : plan.stage(measuring: statistics.completeGroups, in: model)
    let run = try StageRun(
      stage, of: try model(withCompleteGroupsOf: statistics), types: types,
      options: options.session, pool: BufferPool())
    var clock = CheckpointClock(interval: options.checkpointInterval)
    for position in min(statistics.samples, mine.count)..<mine.count {
      if options.isInterrupted() { throw try interruption(statistics, checkpoint) }
      let sample = try Self.checkedSample(samples, mine[position])
      let inputs = sample.mapValues { RuntimeValue.datum($0) }
      _ = try run.measure(inputs, sample: mine[position], into: &statistics)
      statistics.samples = position + 1
      if clock.isDue { try checkpoint(statistics) }
      progress(Double(position + 1) / Double(mine.count))
    }
    statistics.isPartComplete = true
    if shard == nil { statistics.finishGroup() }
    try checkpoint(statistics)
    return statistics
  }

  /// The error of work that ends early, once what was measured has been handed out.
  private func interruption(
    _ statistics: CollectedStatistics,
    _ checkpoint: (CollectedStatistics) throws(SurgeonError) -> Void
  ) throws(SurgeonError) -> SurgeonError {
    try checkpoint(statistics)
    return SurgeonError(
      .interrupted, "interrupted before all was measured",
      hint: "the same command goes on from what was kept")
  }

  /// Memory of one group's values that waits for the next values of the same size.
  private static let poolLimit = 256 << 20

  private func requireSamples(_ count: Int) throws(SurgeonError) {
    guard count > 0 else { throw SurgeonError(.invalidData, "there are no samples to measure") }
  }

  private static func checkedSample(
    _ samples: any SampleSource, _ index: Int
  ) throws(SurgeonError) -> [String: Datum] {
    let sample = try samples.sample(index)
    for (name, datum) in sample.sorted(by: { $0.key < $1.key }) {
      guard let tensor = datum.tensor, try !tensor.isFinite() else { continue }
      throw SurgeonError(
        .invalidData, "sample \(index) holds NaN or infinity", at: ["input '\(name)'"],
        hint: "take it out of the data, or repair it")
    }
    return sample
  }

  private func start(from earlier: CollectedStatistics?) throws(SurgeonError) -> CollectedStatistics
  {
    guard let earlier else {
      return CollectedStatistics(mode: options.mode, groupCount: groupCount)
    }
    let names = Set(plan.sites.map(\.name))
    let fits =
      earlier.mode == options.mode && earlier.groupCount == groupCount
      && earlier.entries.allSatisfy { names.contains($0.name) }
    guard fits else {
      throw SurgeonError(
        .invalidData, "the statistics are of another model or another mode",
        detail: "\(earlier.mode.rawValue), \(earlier.groupCount) groups")
    }
    return earlier
  }

  /// The model as far as it is calibrated: what the next group is measured with.
  private func model(
    withCompleteGroupsOf statistics: CollectedStatistics
  ) throws(SurgeonError) -> Model {
    var result = model
    for site in plan.sites where site.group < statistics.completeGroups {
      try result.setStatistics(statistics, of: site)
    }
    return result
  }
}

/// Tells when unfinished work should be kept again.
private struct CheckpointClock {
  let interval: Duration
  private var last = ContinuousClock.now

  init(interval: Duration) { self.interval = interval }

  /// True where the interval has passed, which then begins anew.
  var isDue: Bool {
    mutating get {
      guard ContinuousClock.now - last >= interval else { return false }
      last = .now
      return true
    }
  }
}

extension CollectedStatistics.Shard {
  /// Every count-th sample from the shard's own on: neighbours in an ordered set look alike.
  func indices(of sampleCount: Int) -> [Int] {
    Array(stride(from: index - 1, to: sampleCount, by: count))
  }
}
