internal import SurgeonData
internal import SurgeonIR
internal import SurgeonLibc
internal import SurgeonRuntime
internal import SurgeonShapes
internal import SurgeonThreads

/// What the samples make of the model: what its nodes cost, and which of them take several samples
/// as one.
struct Workload {
  /// How the samples of a stage are run.
  struct Division {
    /// Samples that run as one.
    var width: Int
    /// Batches that run at a time.
    var workers: Int
    /// Threads of each worker.
    var threads: Int

    /// Batches of a round: many for each worker, which wait for the slowest at its end, and fewer where
    /// their samples, which are in memory all the while, are large.
    var batchesPerRound: ClosedRange<Int> { workers > 1 ? 4 * workers...16 * workers : 1...1 }
  }

  /// With the plan for what the samples give.
  let network: StagedNetwork
  /// Nil where the first sample does not fit the model, which the run will say.
  let costs: StageCosts?
  /// Nil where samples run one by one.
  let independence: SampleIndependence?
  /// True where values are Float32 in the layouts of the fast engine.
  let isFast: Bool
  let threads: Int
  /// Of all samples, taken to be as large as the first.
  let dataBytes: Double
  private let memoryLimit: Int

  init(
    _ samples: any SampleSource, for network: StagedNetwork, _ options: Calibrator.Options
  ) throws(SurgeonError) {
    let first = try samples.sample(0)
    let network = try network.feeding(first.keys)
    self.network = network
    let model = network.model
    let threads = options.session.threads
    self.threads = threads > 0 ? threads : ThreadPool.processorCount
    memoryLimit = options.memoryForPart
    let given = first.compactMapValues(\.tensorType)
    let types = try? network.types(for: given)
    dataBytes = Double(first.tensorBytes) * Double(samples.count)
    let data = StageCosts.Data(
      areMapped: samples.isMapped,
      areCached: dataBytes <= Machine.usableMemory / 2)
    costs = types.map {
      StageCosts(model, types: $0, data: data, sampleCount: samples.count)
    }
    isFast = options.session.precision == .single && options.session.engine == .fast
    // One sample has none to run with.
    guard isFast, samples.count > 1, let types else {
      independence = nil
      return
    }
    independence = try SampleIndependence(
      model, given: given, types: types,
      constants: { network.plan.isConstant($0, in: model) })
  }

  /// Batches run side by side where there are many and they are small: the operators of large ones
  /// keep several threads busy themselves, and their values would take that much more memory.
  func division(of part: GraphPart, sampleCount: Int) throws(SurgeonError) -> Division {
    guard let costs, let largest = costs.largestValue(of: part) else {
      return Division(width: 1, workers: 1, threads: threads)
    }
    var width = costs.width(of: largest)
    if width > 1, try independence?.holds(for: part) != true { width = 1 }
    let batches = (sampleCount + width - 1) / width
    let room = max(memoryLimit, Self.leastRoom) / max(1, Self.valuesAtATime * width * largest)
    var workers = max(1, min(threads, room))
    if batches < 4 * workers, batches % workers != 0 { workers = 1 }
    return Division(width: width, workers: workers, threads: max(1, threads / workers))
  }

  /// Values of the largest one's size that a run has in memory at a time, roughly.
  private static let valuesAtATime = 4
  /// Bytes that workers may have in work, however little is to be kept in memory.
  private static let leastRoom = 16 << 20
}
