internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// Runs a small set side by side: each sample, or several as one, has a run of one plan of the whole
/// network, and stops in front of each group until all have been measured.
///
/// What later nodes read stays in memory where it was computed. Nothing is planned, compiled or moved stage
/// by stage, which is most of the time where samples are few. Of many it is not: what was computed long ago
/// is in no cache, and all of it takes fresh memory.
struct LockstepRuns: GroupRuns {
  let stages: [CalibrationStage]
  /// All that runs.
  private let whole: CalibrationStage
  private let work: Workload
  private let division: Workload.Division
  private let sampleCount: Int
  private var source: StageInputs
  private let session: Session
  /// Of the sites that run: behind the last group nothing does.
  private let parameters: [Node.ID: Parameters]
  private var runs: [(samples: [Int], run: AwaitingRun)] = []
  /// What the sites of the group before do to their channels.
  private var lines: [(site: Node.ID, line: NormalizationLine)] = []
  private var next = 0

  /// What a site's statistics become a `NormalizationLine` with.
  fileprivate struct Parameters {
    let gamma: Tensor
    let beta: Tensor
    let rank: Int
  }

  /// Nil where a set is not small, or the network cannot wait for what is measured of it.
  ///
  /// - Throws: what planning throws.
  init?(
    _ samples: any SampleSource, _ work: Workload, _ options: Calibrator.Options
  ) throws(SurgeonError) {
    let network = work.network
    let plan = network.plan
    guard work.isFast, let costs = work.costs, let kept = plan.mostKept(costs.byteCount),
      kept * Double(samples.count) + work.dataBytes <= Double(options.lockstepLimit)
    else { return nil }
    var whole = plan.wholeStage(in: network.model)
    // One after the other, each on all threads.
    division = Workload.Division(
      width: try work.division(of: whole.part, sampleCount: samples.count).width, workers: 1,
      threads: work.threads)
    let isOneRun = samples.count <= division.width
    let weights = network.model[network.model.mainGraph].initializers.reduce(0) {
      $0 + (costs.byteCount(of: $1) ?? 0)
    }
    guard isOneRun || weights <= options.lockstepWeightLimit else { return nil }
    var parameters: [Node.ID: Parameters] = [:]
    for site in plan.sites {
      guard let own = try Parameters(site, work) else { return nil }
      if whole.part.nodes.contains(site.norm.node) { parameters[site.norm.node] = own }
    }
    self.parameters = parameters
    whole.part.awaited = Set(parameters.keys)
    self.whole = whole
    self.work = work
    sampleCount = samples.count
    let groups = Dictionary(grouping: plan.sites, by: \.group)
    stages = (0..<plan.groupCount).map { group in
      CalibrationStage(
        part: GraphPart(nodes: [], inputs: [], outputs: []), sites: groups[group] ?? [])
    }
    source = StageInputs(samples, for: network)
    var options = options.session
    options.optimize = true
    options.runsOnce = isOneRun
    let free = division.width > 1 ? try work.independence?.free(network.model) : nil
    session = try Session(
      whole.part, of: free ?? network.model,
      types: division.width > 1 ? network.types : costs.types,
      observing: Set(whole.sites.map(\.seen)), options: options, pool: BufferPool(),
      isPrepared: true)
  }

  mutating func advance(
    measuring isMeasuring: Bool, unless isInterrupted: () -> Bool,
    handing take: ([StageGauge.Seen]) -> Void, progress: (Int) -> Void
  ) throws(SurgeonError) -> GroupRunsEnd {
    let gauge = isMeasuring ? StageGauge(stages[next]) : nil
    if next == 0 { return try begin(gauge, isInterrupted, take, progress) }
    for index in runs.indices {
      if isInterrupted() { return .interrupted }
      for (site, line) in lines { runs[index].run.give(line, to: site) }
      take(try advance(index, gauge))
    }
    progress(sampleCount)
    return .complete
  }

  /// Reads the samples and brings them to the first group.
  private mutating func begin(
    _ gauge: StageGauge?, _ isInterrupted: () -> Bool, _ take: ([StageGauge.Seen]) -> Void,
    _ progress: (Int) -> Void
  ) throws(SurgeonError) -> GroupRunsEnd {
    let wanted = Set(session.inputs.map(\.name))
    var types: [String: ValueType?]?
    var first = 0
    while first < sampleCount {
      for batch in try source.batches(for: whole, division, of: first..<sampleCount) {
        if isInterrupted() { return .interrupted }
        // What they take in memory is known of samples that are as large as the first one.
        if types == nil { types = batch.types(of: 0) }
        guard batch.samples.indices.allSatisfy({ batch.types(of: $0) == types }) else {
          return .unsuitable
        }
        try batch.requireFinite()
        for (samples, values) in try batch.values(from: nil, for: session) {
          let run = try session.begin(values.filter { wanted.contains($0.key) })
          runs.append((samples, run))
          take(try advance(runs.count - 1, gauge))
        }
        first += batch.samples.count
        progress(first)
      }
    }
    return .complete
  }

  /// Lets a run go on up to where it awaits something.
  private mutating func advance(
    _ index: Int, _ gauge: StageGauge?
  ) throws(SurgeonError) -> [StageGauge.Seen] {
    var reading = gauge.map {
      StageGauge.Reading($0, of: runs[index].samples, threads: session.options.threads)
    }
    try runs[index].run.advance(observing: gauge?.observed ?? []) {
      (id, value) throws(SurgeonError) in try reading?.take(id, value)
    }
    try reading?.requireAll()
    return reading?.seen ?? []
  }

  mutating func finish(with statistics: CollectedStatistics) throws(SurgeonError) {
    lines = []
    for site in stages[next].sites {
      guard let own = parameters[site.norm.node] else { continue }
      let moments = try statistics.moments(of: site)
      let (mean, variance) = try work.network.model.rounded(moments, of: site)
      let line = try NormalizationLine(
        gamma: own.gamma, beta: own.beta, mean: mean, variance: variance,
        epsilon: site.norm.epsilon, rank: own.rank)
      guard let line else { throw .misfit(of: site, measured: mean.count, there: own.gamma.count) }
      lines.append((site.norm.node, line))
    }
    next += 1
  }
}

extension LockstepRuns.Parameters {
  /// Nil for a site that cannot wait: what it does with its statistics is not known before it runs, or not in
  /// Float32, or somebody reads other statistics of it.
  fileprivate init?(_ site: CalibrationSite, _ work: Workload) throws(SurgeonError) {
    let (norm, model, fed) = (site.norm, work.network.model, work.network.plan.fed)
    guard norm.output != nil, norm.extraOutputs.allSatisfy({ model[$0].uses.isEmpty }),
      let type = work.costs?.types[norm.input], type.elementType == .float32, let rank = type.rank,
      rank >= 2, !fed.contains(norm.gamma), !fed.contains(norm.beta),
      let gamma = try model.constant(norm.gamma, trustsDefaults: true),
      let beta = try model.constant(norm.beta, trustsDefaults: true)
    else { return nil }
    (self.gamma, self.beta, self.rank) = (gamma, beta, rank)
  }
}
