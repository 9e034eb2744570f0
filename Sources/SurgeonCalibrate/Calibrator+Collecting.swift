public import SurgeonData
public import SurgeonIR
internal import SurgeonRules
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
    var statistics = try start(from: earlier, samples)
    // A group that was measured in part is measured again: its frontier is gone.
    statistics.entries.removeAll { $0.group >= statistics.completeGroups }
    guard statistics.completeGroups < groupCount else { return statistics }
    let work = try Workload(samples, for: network.poolingFirst(), options)
    if let runs = try LockstepRuns(samples, work, options),
      try collect(samples.count, in: runs, &statistics, checkpoint, progress)
    {
      return statistics
    }
    let runs = try StagedRuns(samples, work, options)
    _ = try collect(samples.count, in: runs, &statistics, checkpoint, progress)
    return statistics
  }

  /// Measures group by group.
  ///
  /// - Returns: false where the samples are not what `runs` are for; nothing has been measured then.
  private func collect(
    _ sampleCount: Int, in runs: some GroupRuns, _ statistics: inout CollectedStatistics,
    _ checkpoint: (CollectedStatistics) throws(SurgeonError) -> Void, _ progress: (Double) -> Void
  ) throws(SurgeonError) -> Bool {
    var runs = runs
    let firstGroup = statistics.completeGroups
    var clock = CheckpointClock(interval: options.checkpointInterval)
    let steps = Double(groupCount * sampleCount)
    var ahead: [StageTally.Told] = []
    for (group, stage) in runs.stages.enumerated() {
      // Groups that are done leave what they keep, computed as the first time, and the last of them
      // what it knows of the next.
      let isDone = group < firstGroup
      if !isDone { statistics.set(ahead) }
      var tally = StageTally(stage, threads: options.session.threads)
      let end = try runs.advance(
        measuring: !isDone || (group + 1 == firstGroup && !stage.ahead.isEmpty),
        unless: options.isInterrupted, handing: { tally.add($0) },
        progress: { progress(Double(group * sampleCount + $0) / steps) })
      switch end {
      case .complete: break
      case .unsuitable: return false
      case .interrupted:
        // A group that was measured in part is worth nothing without what was kept of it.
        statistics.entries.removeAll { $0.group >= statistics.completeGroups }
        throw try interruption(statistics, checkpoint)
      }
      if !isDone { try tally.record(in: &statistics) }
      ahead = try tally.ahead(statistics)
      if !isDone { try complete(stage, &statistics, &clock, checkpoint) }
      try runs.finish(with: statistics)
    }
    return true
  }

  /// Hands out a group that was measured, and looks at what was found.
  ///
  /// - Throws: `invalidData` where a channel never varies.
  private func complete(
    _ stage: CalibrationStage, _ statistics: inout CollectedStatistics,
    _ clock: inout CheckpointClock,
    _ checkpoint: (CollectedStatistics) throws(SurgeonError) -> Void
  ) throws(SurgeonError) {
    statistics.finishGroup()
    let isComplete = statistics.isComplete
    if clock.isDue || isComplete { try checkpoint(statistics) }
    do throws(SurgeonError) {
      try requireVariation(in: statistics, at: stage.sites + stage.told)
    } catch {
      // Measured is measured: whoever accepts the channels goes on from here.
      if !isComplete { try checkpoint(statistics) }
      throw error
    }
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
    try requireSamples(samples.count)
    var statistics = try start(from: earlier, samples)
    if statistics.isComplete { return statistics }
    // Of more shards than samples some have nothing to do: their part is empty.
    let mine = shard?.indices(of: samples.count) ?? Array(0..<samples.count)
    let isBegun = statistics.samples > 0 || statistics.isPartComplete
    if isBegun, statistics.shard != shard {
      throw SurgeonError(
        .invalidData, "the statistics are those of another shard",
        detail: statistics.shard.map { "shard \($0.index) of \($0.count)" },
        hint: "each shard has a file of its own: --stats FILE")
    }
    guard statistics.samples <= mine.count else {
      throw SurgeonError(
        .invalidData, "the statistics are of more samples than there are",
        detail: "\(statistics.samples) of \(mine.count)")
    }
    if statistics.isPartComplete { return statistics }
    statistics.shard = shard
    let work = try Workload(samples, for: network, options)
    let plan = work.network.plan
    let stage =
      options.mode == .joint
      ? plan.wholeStage(in: model)
      : plan.stage(measuring: statistics.completeGroups, in: model)
    var next = statistics.samples
    let division = try work.division(of: stage.part, sampleCount: mine.count - next)
    var session = options.session
    session.runsOnce = mine.count - next <= division.width
    var model = try StageModel(work.network, work.independence)
    let complete = plan.sites.filter { $0.group < statistics.completeGroups }
    try model.setStatistics(statistics, of: complete)
    let crew = StageCrew(
      stage, of: model, division, work, options: session, store: nil, pool: BufferPool())
    var source = StageInputs(samples, for: work.network)
    var clock = CheckpointClock(interval: options.checkpointInterval)
    var tally = StageTally(stage, after: statistics, threads: options.session.threads)
    while next < mine.count {
      let batches = try source.batches(for: stage, division, of: mine[next...])
      let done = try crew.run(batches, measuring: true, unless: options.isInterrupted) {
        tally.add($0)
      }
      next += batches.prefix(done).reduce(0) { $0 + $1.samples.count }
      statistics.samples = next
      guard done == batches.count else {
        try tally.record(in: &statistics)
        throw try interruption(statistics, checkpoint)
      }
      if clock.isDue {
        try tally.record(in: &statistics)
        try checkpoint(statistics)
      }
      progress(Double(next) / Double(mine.count))
    }
    try tally.record(in: &statistics)
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

  private func requireSamples(_ count: Int) throws(SurgeonError) {
    guard count > 0 else { throw SurgeonError(.invalidData, "there are no samples to measure") }
  }

  private func start(
    from earlier: CollectedStatistics?, _ samples: any SampleSource
  ) throws(SurgeonError) -> CollectedStatistics {
    guard var earlier else {
      return CollectedStatistics(
        mode: options.mode, groupCount: groupCount,
        origin: options.recordsOrigin ? try origin(of: samples) : nil)
    }
    try requireFit(earlier)
    let origin = try origin(of: samples)
    if let data = earlier.origin?.data, data != origin.data {
      throw SurgeonError(
        .invalidData, "the statistics were measured on other data",
        hint: "go on with the data they began with (--samples and --batch-size, too), or measure "
          + "anew, with another file for --stats")
    }
    earlier.origin = origin
    return earlier
  }

  /// - Throws: `invalidData` where statistics are not of this model in this mode.
  func requireFit(_ statistics: CollectedStatistics) throws(SurgeonError) {
    let names = Set(plan.sites.map(\.name))
    guard statistics.mode == options.mode, statistics.groupCount == groupCount,
      statistics.entries.allSatisfy({ names.contains($0.name) })
    else {
      throw SurgeonError(
        .invalidData, "the statistics are of another model or another mode",
        detail: "theirs is \(statistics.mode.rawValue) mode (groups: \(statistics.groupCount)), "
          + "this is \(options.mode.rawValue) mode (groups: \(groupCount))",
        hint: "measure anew, with another file for --stats")
    }
    if let model = statistics.origin?.model, model != (try modelFingerprint.text) {
      throw SurgeonError(
        .invalidData, "the statistics were measured with another model",
        hint: "its weights or its nodes have changed since: measure anew, with another file for "
          + "--stats")
    }
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
