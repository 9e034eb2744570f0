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
  private var runs: [(samples: [Int], run: AwaitingRun)] = []
  private var next = 0

  /// Nil where a set is not small, or the network cannot wait for what is measured of it.
  ///
  /// - Parameter model: what runs; the statistics that it has do not matter.
  /// - Throws: what planning throws.
  init?(
    _ samples: any SampleSource, _ work: Workload, of model: StageModel,
    _ options: Calibrator.Options
  ) throws(SurgeonError) {
    let network = work.network
    let plan = network.plan
    guard work.isFast, let costs = work.costs, let kept = plan.mostKept(costs.byteCount),
      kept * Double(samples.count) + work.dataBytes <= Double(options.lockstepLimit)
    else { return nil }
    for site in plan.sites {
      if try !Self.canWait(site, work) { return nil }
    }
    var whole = plan.wholeStage(in: network.model)
    whole.part.awaited = whole.part.nodes.intersection(plan.sites.map(\.norm.node))
    self.whole = whole
    self.work = work
    sampleCount = samples.count
    let groups = Dictionary(grouping: plan.sites, by: \.group)
    stages = (0..<plan.groupCount).map { group in
      CalibrationStage(
        part: GraphPart(nodes: [], inputs: [], outputs: []), sites: groups[group] ?? [])
    }
    source = StageInputs(samples, for: network)
    // One after the other, each on all threads.
    division = Workload.Division(
      width: try work.division(of: whole.part, sampleCount: samples.count).width, workers: 1,
      threads: work.threads)
    var options = options.session
    options.optimize = true
    options.runsOnce = samples.count <= division.width
    let isFreed = division.width > 1 && work.independence?.isFreed(whole.part) == true
    session = try Session(
      whole.part, of: isFreed ? model.free ?? model.plain : model.plain, types: network.types,
      observing: Set(whole.sites.map(\.seen)), options: options, pool: BufferPool(),
      isPrepared: true)
  }

  private static func canWait(_ site: CalibrationSite, _ work: Workload) throws(SurgeonError)
    -> Bool
  {
    let (norm, model) = (site.norm, work.network.model)
    guard norm.output != nil, norm.extraOutputs.allSatisfy({ model[$0].uses.isEmpty }),
      work.costs?.types[norm.input]?.elementType == .float32
    else { return false }
    for parameter in [norm.gamma, norm.beta] {
      if work.network.plan.fed.contains(parameter) { return false }
      if try model.constant(parameter, trustsDefaults: true) == nil { return false }
    }
    return true
  }

  mutating func advance(
    with model: StageModel, measuring isMeasuring: Bool, unless isInterrupted: () -> Bool,
    handing take: ([StageGauge.Seen]) -> Void, progress: (Int) -> Void
  ) throws(SurgeonError) -> GroupRunsEnd {
    let gauge = isMeasuring ? StageGauge(stages[next]) : nil
    if next == 0 { return try begin(gauge, isInterrupted, take, progress) }
    let lines = try self.lines(of: stages[next - 1].sites, in: model)
    for index in runs.indices {
      if isInterrupted() { return .interrupted }
      for (node, line) in lines { runs[index].run.give(line, to: node) }
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

  /// What the sites do with the statistics that `model` has of them.
  private func lines(
    of sites: [CalibrationSite], in model: StageModel
  ) throws(SurgeonError) -> [(Node.ID, NormalizationLine)] {
    var result: [(Node.ID, NormalizationLine)] = []
    for site in sites where whole.part.awaited.contains(site.norm.node) {
      var parameters: [Tensor] = []
      for slot in 1...4 {
        guard let value = model.plain[site.norm.node].input(slot),
          let tensor = try model.plain.constant(value, trustsDefaults: true)
        else { throw SurgeonError(.broken, "'\(site.name)' has no constant parameters") }
        // As the file will have them.
        parameters.append(
          Tensor(elementType: tensor.elementType, shape: tensor.shape, bytes: try tensor.bytes()))
      }
      guard let rank = work.costs?.types.rank(site.norm.input),
        let line = try NormalizationLine(
          gamma: parameters[0], beta: parameters[1], mean: parameters[2], variance: parameters[3],
          epsilon: site.norm.epsilon, rank: rank)
      else { throw SurgeonError(.broken, "the parameters of '\(site.name)' do not go together") }
      result.append((site.norm.node, line))
    }
    return result
  }

  mutating func finish() { next += 1 }
}
