public import SurgeonData
public import SurgeonIR
internal import SurgeonRules
public import SurgeonRuntime
internal import SurgeonShapes

/// Measures mean and variance of every BatchNormalization's input over data, and writes them into
/// the model ("precise batch normalisation": Wu and Johnson, Rethinking "Batch" in BatchNorm, 2021).
///
/// ```swift
/// let calibrator = try Calibrator(model)
/// let statistics = try calibrator.collect(samples)
/// let calibrated = try calibrator.model(with: statistics)
/// ```
public struct Calibrator: Sendable {
  public struct Options: Sendable {
    public var mode = CalibrationMode.sequential
    public var session = SessionOptions()
    /// Bytes of activations that are kept in memory between two groups; the rest goes to disk.
    public var memoryLimit = 1 << 30
    /// Where activations go that memory has no room for.
    public var workspace = "/tmp"

    public init() {}
  }

  public let options: Options
  private let model: Model
  private let types: TypeTable
  private let plan: CalibrationPlan

  /// - Throws: `impossible` where there is no BatchNormalization to calibrate.
  public init(_ model: Model, options: Options = Options()) throws(SurgeonError) {
    self.model = model
    self.options = options
    types = try ShapeInference.infer(model, dimensions: options.session.dimensions)
    plan = try CalibrationPlan(model)
    guard !plan.sites.isEmpty else {
      throw SurgeonError(
        .impossible, "there is no BatchNormalization to calibrate",
        detail: plan.skipped.first.map { "'\($0.name)' is left as it is: \($0.reason)" },
        hint: plan.skipped.isEmpty ? "was it folded into a Conv when the model was exported?" : nil)
    }
  }

  public var sites: [CalibrationSite] { plan.sites }
  public var skipped: [SkippedSite] { plan.skipped }
  /// Rounds over the data: groups of sites in sequential mode, 1 in joint mode.
  public var groupCount: Int { options.mode == .joint ? 1 : plan.groupCount }

  // MARK: All data on one machine

  /// Measures what `earlier` has not measured yet.
  ///
  /// - Parameters:
  ///   - earlier: what interrupted work has left.
  ///   - checkpoint: called with what can be taken up again, after each group.
  ///   - progress: called with the part that is done, from 0 to 1.
  /// - Throws: what reading and running throw; `invalidData` where a sample or an activation is not
  ///   finite, where there are no samples, and where `earlier` is of another model.
  public func collect(
    _ samples: any SampleSource, from earlier: CollectedStatistics? = nil,
    checkpoint: (CollectedStatistics) throws(SurgeonError) -> Void = { _ in },
    progress: (Double) -> Void = { _ in }
  ) throws(SurgeonError) -> CollectedStatistics {
    try requireSamples(samples.count)
    if options.mode == .joint {
      return try collectPart(
        samples, from: earlier, shard: nil, checkpoint: checkpoint, progress: progress)
    }
    var statistics = try start(from: earlier)
    // A group that was measured in part is measured again: its frontier is gone.
    statistics.entries.removeAll { $0.group >= statistics.completeGroups }
    let store = FrontierStore(memoryLimit: options.memoryLimit, directory: options.workspace)
    let firstGroup = statistics.completeGroups
    let steps = Double((groupCount - firstGroup) * samples.count)
    for group in firstGroup..<groupCount {
      let current = try model(with: statistics, onlyComplete: true)
      let stage = plan.stage(
        from: group == firstGroup ? 0 : group, measuring: group, in: model)
      let run = try StageRun(stage, of: current, types: types, options: options.session)
      for index in 0..<samples.count {
        let inputs = try inputs(of: run, samples, index, store, group)
        let values = try run.values(inputs)
        try run.measure(values, sample: index, group: group, into: &statistics)
        for output in stage.outputs where plan.isRead(output, after: group, in: model) {
          let name = model[output].name
          if let datum = values[name] { try store.put(datum, of: name, sample: index) }
        }
        progress(Double((group - firstGroup) * samples.count + index + 1) / steps)
      }
      statistics.finishGroup()
      try checkpoint(statistics)
    }
    return statistics
  }

  private func inputs(
    of run: StageRun, _ samples: any SampleSource, _ index: Int, _ store: FrontierStore,
    _ group: Int
  ) throws(SurgeonError) -> [String: Datum] {
    var result: [String: Datum] = [:]
    var sample: [String: Datum]?
    for input in run.stage.inputs {
      let name = model[input].name
      if model[input].isGraphInput {
        if sample == nil { sample = try Self.checkedSample(samples, index) }
        result[name] = sample?[name]
      } else {
        let isLast = !plan.isRead(input, after: group, in: model)
        result[name] = try store.get(name, sample: index, isLast: isLast)
      }
    }
    return result
  }

  // MARK: A part of the data

  /// Measures one round over a part of the data: the group after those that `earlier` holds, or in
  /// joint mode all sites. Parts are put together by `CollectedStatistics.merged`.
  ///
  /// - Parameter shard: which part; nil for all data, in joint mode.
  public func collectPart(
    _ samples: any SampleSource, from earlier: CollectedStatistics? = nil,
    shard: CollectedStatistics.Shard?,
    checkpoint: (CollectedStatistics) throws(SurgeonError) -> Void = { _ in },
    progress: (Double) -> Void = { _ in }
  ) throws(SurgeonError) -> CollectedStatistics {
    var statistics = try start(from: earlier)
    if statistics.isComplete || statistics.isPartComplete { return statistics }
    let mine = Self.indices(of: shard, count: samples.count)
    try requireSamples(mine.count)
    if statistics.samples > 0, statistics.shard != shard {
      throw SurgeonError(.invalidData, "the statistics are those of another shard")
    }
    statistics.shard = shard
    let group = statistics.completeGroups
    let run =
      options.mode == .joint
      ? try StageRun.joint(plan, of: model, types: types, options: options.session)
      : try StageRun(
        plan.stage(from: 0, measuring: group, in: model),
        of: try model(with: statistics, onlyComplete: true), types: types,
        options: options.session)
    var lastCheckpoint = ContinuousClock.now
    for position in statistics.samples..<mine.count {
      let values = try run.values(try Self.checkedSample(samples, mine[position]))
      try run.measure(values, sample: mine[position], group: group, into: &statistics)
      statistics.samples = position + 1
      if ContinuousClock.now - lastCheckpoint > .seconds(10) {
        try checkpoint(statistics)
        lastCheckpoint = .now
      }
      progress(Double(position + 1) / Double(mine.count))
    }
    statistics.isPartComplete = true
    if shard == nil { statistics.finishGroup() }
    try checkpoint(statistics)
    return statistics
  }

  /// Every count-th sample from the shard's own on: parts of an ordered set look alike.
  private static func indices(of shard: CollectedStatistics.Shard?, count: Int) -> [Int] {
    guard let shard else { return Array(0..<count) }
    return Array(stride(from: shard.index - 1, to: count, by: shard.count))
  }

  private func requireSamples(_ count: Int) throws(SurgeonError) {
    guard count > 0 else { throw SurgeonError(.invalidData, "there are no samples to measure") }
  }

  private static func checkedSample(
    _ samples: any SampleSource, _ index: Int
  ) throws(SurgeonError) -> [String: Datum] {
    let sample = try samples.sample(index)
    for (name, datum) in sample.sorted(by: { $0.key < $1.key }) {
      guard let tensor = datum.tensor, try !MomentsMeter.isFinite(tensor) else { continue }
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

  // MARK: The result

  /// The model with the collected statistics, each BatchNormalization in inference mode.
  ///
  /// - Throws: `impossible` where a statistic of the batch is read elsewhere; `invalidData` where
  ///   statistics are missing, or where no channel of a site ever varies.
  public func model(with statistics: CollectedStatistics) throws(SurgeonError) -> Model {
    guard statistics.isComplete else {
      throw SurgeonError(
        .invalidData, "the statistics are not complete",
        detail: "\(statistics.completeGroups) of \(statistics.groupCount) groups are measured",
        hint: "measure the next group from this file, or merge the shards first")
    }
    return try model(with: statistics, onlyComplete: false)
  }

  private func model(
    with statistics: CollectedStatistics, onlyComplete: Bool
  ) throws(SurgeonError) -> Model {
    var result = model
    for site in plan.sites {
      if onlyComplete, site.group >= statistics.completeGroups { continue }
      guard let entry = statistics.entry(site.name) else {
        throw SurgeonError(.invalidData, "there are no statistics for '\(site.name)'")
      }
      try result.setStatistics(entry.moments, of: site)
    }
    return result
  }

  /// Old and new statistics of every site.
  public func report(_ statistics: CollectedStatistics) throws(SurgeonError) -> CalibrationReport {
    try CalibrationReport(sites: plan.sites, skipped: plan.skipped, statistics, in: model)
  }
}
