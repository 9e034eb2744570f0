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
    let costs = try costs(for: samples)
    let schedule = SequentialSchedule(plan, in: model, costs: costs)
    let store = FrontierStore(
      sampleCount: samples.count, memoryLimit: options.memoryLimit, directory: options.workspace)
    let pool = BufferPool()
    var current = try model(withCompleteGroupsOf: statistics)
    var clock = CheckpointClock(interval: options.checkpointInterval)
    let steps = Double(groupCount * samples.count)
    for (group, stage) in schedule.stages.enumerated() {
      // Groups that are done leave what they keep, computed as the first time.
      let isDone = group < firstGroup
      if !isDone || !stage.part.outputs.isEmpty {
        let run = try StageRun(
          stage, of: current, types: types, options: options.session, pool: pool)
        let width = try width(of: stage.part, costs)
        var next = 0
        while next < samples.count {
          if options.isInterrupted() {
            // A group that was measured in part is worth nothing without its frontier.
            statistics.entries.removeAll { $0.group >= statistics.completeGroups }
            throw try interruption(statistics, checkpoint)
          }
          var range = next..<min(next + width, samples.count)
          var inputs = try inputs(of: stage, samples, range, store, run.session)
          if inputs == nil {
            range = next..<next + 1
            inputs = try self.inputs(of: stage, samples, range, store, run.session)
          }
          let outputs =
            isDone
            ? try run.compute(inputs ?? [:])
            : try run.measure(inputs ?? [:], samples: Array(range), into: &statistics)
          for (name, value) in outputs { try store.put(value, of: name, samples: range) }
          for value in stage.lastUses { store.release(model[value].name, range) }
          next = range.upperBound
          progress(Double(group * samples.count + next) / steps)
        }
      }
      for value in stage.lastUses { store.drop(model[value].name) }
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

  /// What nodes and values cost, with the shapes of the first sample; nil where it does not fit the
  /// model, which the run will say.
  private func costs(for samples: any SampleSource) throws(SurgeonError) -> StageCosts? {
    let given = try samples.sample(0).compactMapValues { datum in
      datum.tensor.map { ValueType.tensor($0.elementType, Shape($0.shape)) }
    }
    let types = try? ShapeInference.infer(
      model, inputs: given, dimensions: options.session.dimensions)
    return types.map {
      StageCosts(
        model, types: $0, sampleCount: samples.count, memoryLimit: options.memoryLimit)
    }
  }

  /// How many samples run as one.
  private func width(of part: GraphPart, _ costs: StageCosts?) throws(SurgeonError) -> Int {
    guard let costs, options.session.precision == .single, options.session.engine == .fast else {
      return 1
    }
    let width = costs.width(of: part)
    guard width > 1 else { return 1 }
    let isFree = try SampleIndependence.holds(
      for: part, constants: { plan.isConstant($0, in: model) }, in: model, types: costs.types)
    return isFree ? width : 1
  }

  /// What a stage takes of some samples: graph inputs, and what stages before it kept. Nil where
  /// these cannot be put into one.
  private func inputs(
    of stage: CalibrationStage, _ samples: any SampleSource, _ range: Range<Int>,
    _ store: FrontierStore, _ session: Session
  ) throws(SurgeonError) -> [String: RuntimeValue]? {
    var result: [String: RuntimeValue] = [:]
    for input in stage.part.inputs where !model[input].isGraphInput {
      let name = model[input].name
      guard range.count == 1 || store.isUniform(name, range) else { return nil }
      result[name] = try store.get(name, range) { (values) throws(SurgeonError) in
        try session.stack(values)
      }
    }
    let fed = stage.part.inputs.filter { model[$0].isGraphInput }.map { model[$0].name }
    guard !fed.isEmpty else { return result }
    guard let given = try self.given(fed, samples, Array(range), session) else { return nil }
    return result.merging(given) { first, _ in first }
  }

  /// Inputs of the graph for some samples; nil where these cannot be put into one.
  private func given(
    _ names: [String], _ samples: any SampleSource, _ indices: [Int], _ session: Session
  ) throws(SurgeonError) -> [String: RuntimeValue]? {
    var values: [String: [RuntimeValue]] = [:]
    for index in indices {
      let sample = try Self.checkedSample(samples, index)
      for name in names {
        if let datum = sample[name] { values[name, default: []].append(.datum(datum)) }
      }
    }
    var result: [String: RuntimeValue] = [:]
    for (name, list) in values {
      if indices.count == 1 {
        result[name] = list[0]
      } else {
        guard list.count == indices.count, let value = try session.stack(list) else { return nil }
        result[name] = value
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
    let width = try width(of: stage.part, try costs(for: samples))
    let names = stage.part.inputs.map { model[$0].name }
    var next = min(statistics.samples, mine.count)
    while next < mine.count {
      if options.isInterrupted() { throw try interruption(statistics, checkpoint) }
      var indices = Array(mine[next..<min(next + width, mine.count)])
      var inputs = try given(names, samples, indices, run.session)
      if inputs == nil {
        indices = [mine[next]]
        inputs = try given(names, samples, indices, run.session)
      }
      _ = try run.measure(inputs ?? [:], samples: indices, into: &statistics)
      next += indices.count
      statistics.samples = next
      if clock.isDue { try checkpoint(statistics) }
      progress(Double(next) / Double(mine.count))
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
