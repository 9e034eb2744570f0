internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRuntime

/// Runs the network stage by stage, whatever the size of the set: what a later stage needs of a sample is
/// kept, or computed again where that is cheaper (`SequentialSchedule`).
struct StagedRuns: GroupRuns {
  let stages: [CalibrationStage]
  private let work: Workload
  private var model: StageModel
  private let sampleCount: Int
  private let options: SessionOptions
  private let store: FrontierStore
  private var source: StageInputs
  private let pool = BufferPool()
  private var next = 0

  /// - Throws: what planning throws.
  init(
    _ samples: any SampleSource, _ work: Workload, _ options: Calibrator.Options
  ) throws(SurgeonError) {
    let room = FrontierRoom(options)
    let schedule = try SequentialSchedule(
      work.network, costs: work.costs, measuresCoMoments: work.isFast, room: room,
      threads: work.threads)
    stages = schedule.stages
    self.work = work
    model = try StageModel(work.network, work.independence)
    sampleCount = samples.count
    self.options = options.session
    store = FrontierStore(
      sampleCount: samples.count,
      memoryLimit: room.memory(
        forKeeping: schedule.bytesKept, written: schedule.bytesWritten, of: work.dataBytes),
      directory: options.workspace)
    source = StageInputs(samples, for: work.network)
  }

  mutating func advance(
    measuring isMeasuring: Bool, unless isInterrupted: () -> Bool,
    handing take: ([StageGauge.Seen]) -> Void, progress: (Int) -> Void
  ) throws(SurgeonError) -> GroupRunsEnd {
    let stage = stages[next]
    guard stage.hasWork, isMeasuring || !stage.part.outputs.isEmpty else { return .complete }
    let division = try work.division(of: stage.part, sampleCount: sampleCount)
    let crew = StageCrew(
      stage, of: model, division, work, options: options, store: store, pool: pool)
    store.begin(stage, of: work.network.model, work.costs)
    var first = 0
    while first < sampleCount {
      let batches = try source.batches(for: stage, division, of: first..<sampleCount)
      let done = try crew.run(
        batches, measuring: isMeasuring, unless: isInterrupted, handing: take)
      guard done == batches.count else { return .interrupted }
      first += batches.reduce(0) { $0 + $1.samples.count }
      progress(first)
    }
    return .complete
  }

  mutating func finish(with statistics: CollectedStatistics) throws(SurgeonError) {
    let stage = stages[next]
    for value in stage.lastUses { store.drop(work.network.model[value].name) }
    try model.setStatistics(statistics, of: stage.sites + stage.told)
    next += 1
  }
}
