internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes
internal import SurgeonThreads
internal import Synchronization

/// A stage made ready to run on several batches at a time.
///
/// Small operators gain nothing from a second thread, and batches do not wait for one another: each
/// worker runs whole batches on a session of its own. What was measured is handed out in the order
/// of the samples, so that the result is that of one thread, bit for bit, and as soon as all before
/// it has been, so that little of it waits.
final class StageCrew {
  private let division: Workload.Division
  private let store: FrontierStore?
  /// The names of what no later stage reads.
  private let lastUses: [String]
  /// Makes the run of one more worker.
  private let hire: () throws(SurgeonError) -> StageRun
  private let idle = Mutex<[StageRun]>([])

  /// - Parameters:
  ///   - store: holds what stages before kept, and takes what this one keeps; nil where nothing is.
  ///   - pool: shared by all stages, whose values go from one to the next.
  init(
    _ stage: CalibrationStage, of model: StageModel, _ division: Workload.Division,
    _ work: Workload, options: SessionOptions, store: FrontierStore?, pool: BufferPool
  ) {
    self.division = division
    self.store = store
    lastUses = stage.lastUses.map { model.plain[$0].name }
    var options = options
    options.threads = division.threads
    let network = work.network
    let independence = division.width > 1 ? work.independence : nil
    // Then it is all that runs, on most of the model.
    let isAlone = store == nil
    hire = { [options] () throws(SurgeonError) in
      try StageRun(
        stage, of: model, types: network.types, independence: independence, options: options,
        pool: pool, isPrepared: isAlone)
    }
  }

  /// Runs the stage on the batches of a round, keeps its outputs and lets go of what it alone needed.
  ///
  /// - Parameters:
  ///   - isInterrupted: asked before each batch; true leaves out the rest.
  ///   - take: called with what the sites saw in each batch, one after the other in the order of the
  ///     samples.
  /// - Returns: how many batches, from the first on, were handed to `take`.
  /// - Throws: what running throws; of several errors that of the first samples.
  func run(
    _ batches: [StageBatch], measuring isMeasuring: Bool, unless isInterrupted: () -> Bool,
    handing take: ([StageGauge.Seen]) -> Void
  ) throws(SurgeonError) -> Int {
    let arrivals = Mutex(Arrivals())
    ThreadPool.shared.run(count: batches.count, threads: division.workers) { index in
      guard !isInterrupted() else { return }
      let outcome = Arrivals.Outcome { () throws(SurgeonError) in
        try work(on: batches[index], measuring: isMeasuring)
      }
      arrivals.withLock { $0.add(outcome, of: index, handing: take) }
    }
    return try arrivals.withLock { arrivals throws(SurgeonError) in
      if let failure = arrivals.failure { throw failure }
      return arrivals.handed
    }
  }

  private func work(
    on batch: StageBatch, measuring isMeasuring: Bool
  ) throws(SurgeonError) -> [StageGauge.Seen] {
    try batch.requireFinite()
    let run = if let waiting = idle.withLock({ $0.popLast() }) { waiting } else { try hire() }
    defer { idle.withLock { $0.append(run) } }
    var seen: [StageGauge.Seen] = []
    for (samples, values) in try batch.values(from: store, for: run.session) {
      let found = try run.run(values, of: samples, measuring: isMeasuring)
      seen += found.seen
      guard let store, let first = samples.first, let last = samples.last else { continue }
      let range = first..<last + 1
      for (name, value) in found.outputs { try store.put(value, of: name, samples: range) }
      for name in lastUses { store.release(name, range) }
    }
    return seen
  }
}

/// What comes of batches that end in any order.
private struct Arrivals {
  typealias Outcome = Result<[StageGauge.Seen], SurgeonError>

  /// Of batches that others before them are awaited for.
  private var waiting: [Int: Outcome] = [:]
  /// Batches from the first on whose outcome was handed out.
  private(set) var handed = 0
  /// The error of the first batch that failed, after which nothing is handed out.
  private(set) var failure: SurgeonError?

  mutating func add(
    _ outcome: Outcome, of batch: Int, handing take: ([StageGauge.Seen]) -> Void
  ) {
    waiting[batch] = outcome
    while failure == nil, let next = waiting.removeValue(forKey: handed) {
      switch next {
      case .success(let seen):
        take(seen)
        handed += 1
      case .failure(let error): failure = error
      }
    }
  }
}
