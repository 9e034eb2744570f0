public import SurgeonData
public import SurgeonIR
internal import SurgeonRules
public import SurgeonRuntime

/// How far a network in training mode, which normalises with the statistics of the batch, lies from
/// the same network in inference mode, which normalises with the running ones.
///
/// The measure everywhere is the relative RMS difference: sqrt(sum (train - eval)² / sum eval²).
public struct TrainEvalGap: Sendable {
  /// One BatchNormalization, seen in a run in inference mode.
  public struct Site: Sendable {
    public var name: String
    public var channels: Int
    /// Positions over which one batch takes its statistics.
    public var count: Double
    /// RMS over channels and batches of (batch mean - running mean) / running sigma.
    public var meanDistance: Double
    /// RMS over channels of (mean over all batches - running mean) / running sigma: what of
    /// `meanDistance` the batches have in common.
    public var shift: Double
    /// RMS over channels and batches of ln(batch sigma / running sigma).
    public var deviationDistance: Double
    /// The difference that this node alone makes at its own output.
    public var gap: Double
  }

  public struct Output: Sendable {
    public var name: String
    public var gap: Double
  }

  /// In order of execution.
  public var sites: [Site] = []
  /// Nodes that could not be measured, with the reason.
  public var skipped: [(name: String, reason: String)] = []
  /// All nodes in training mode against all in inference mode.
  public var outputs: [Output] = []
  public var batches = 0

  /// The nodes that contribute most, the largest first.
  public var causes: [Site] { sites.sorted { $0.gap > $1.gap } }
  /// The largest gap at an output.
  public var largest: Double { outputs.map(\.gap).max() ?? 0 }

  /// A gap below this is what any sample may differ by from the running statistics.
  public static let harmless = 0.05

  /// Measures a model on samples, each a batch as training would see it.
  ///
  /// - Throws: what the samples, the parameters and the runs throw.
  public init(
    _ model: Model, samples: any SampleSource, options: SessionOptions = SessionOptions(),
    progress: (Double) -> Void = { _ in }
  ) throws(SurgeonError) {
    let inference = try model.withNormalizations(inTraining: false)
    let training = try model.withNormalizations(inTraining: true)
    var meters: [Value.ID: [SiteMeter]] = [:]
    var order: [(Value.ID, Int)] = []
    for node in inference.nodes(of: inference.mainGraph) {
      guard let norm = try BatchNormalization(node, in: inference) else { continue }
      let name = inference.label(of: node)
      do throws(SurgeonError) {
        let meter = SiteMeter(
          name: name,
          parameters: try BatchNormalizationParameters(
            of: norm, in: inference, trustsDefaults: true))
        order.append((norm.input, meters[norm.input]?.count ?? 0))
        meters[norm.input, default: []].append(meter)
      } catch {
        skipped.append((name, error.detail ?? error.message))
      }
    }
    var differences: [String: (error: Double, reference: Double)] = [:]
    let (first, second) = (
      try Session(inference, options: options), try Session(training, options: options)
    )
    for index in 0..<samples.count {
      let inputs = try samples.sample(index)
      let eval = try first.run(
        layouts: inputs.mapValues { .datum($0) }, observing: Set(meters.keys)
      ) { (id, value) throws(SurgeonError) in
        guard let shape = value.shape, !shape.contains(0) else { return }
        let moments = try ChannelMoments(of: value, threads: options.threads)
        for position in meters[id, default: []].indices { meters[id]?[position].add(moments) }
      }
      let train = try second.run(inputs)
      for (a, b) in zip(eval, train) {
        guard let x = try a.value.plain().tensor?.float64Elements(),
          let y = try b.value.tensor?.float64Elements(), x.count == y.count
        else { continue }
        var (error, reference) = differences[a.name] ?? (0, 0)
        for (x, y) in zip(x, y) {
          error += (y - x) * (y - x)
          reference += x * x
        }
        differences[a.name] = (error, reference)
      }
      progress(Double(index + 1) / Double(samples.count))
    }
    batches = samples.count
    sites = order.compactMap { value, position in meters[value]?[position].site }
    outputs = first.outputNames.compactMap { name in
      differences[name].map { Output(name: name, gap: Self.ratio($0.error, $0.reference)) }
    }
  }

  static func ratio(_ error: Double, _ reference: Double) -> Double {
    error == 0 ? 0 : (error / reference).squareRoot()
  }
}

/// Collects what the batches do to one BatchNormalization.
private struct SiteMeter {
  let name: String
  let parameters: BatchNormalizationParameters
  private var batches = 0
  private var count = 0.0
  private var meanDistance = 0.0
  /// By channel, the sum over batches of (batch mean - running mean) / running sigma.
  private var shifts: [Double]
  private var deviationDistance = 0.0
  private var error = 0.0
  private var reference = 0.0

  init(name: String, parameters: BatchNormalizationParameters) {
    self.name = name
    self.parameters = parameters
    shifts = Array(repeating: 0, count: parameters.channelCount)
  }

  mutating func add(_ measured: ChannelMoments) {
    let channels = parameters.channelCount
    guard parameters.shape.count == 1, measured.mean.count == channels else { return }
    let moments = Moments(count: measured.count, mean: measured.mean, m2: measured.m2)
    batches += 1
    count += moments.count
    let (epsilon, batchVariance) = (parameters.epsilon, moments.variance)
    for channel in 0..<channels {
      let (mean, variance) = (parameters.mean[channel], parameters.variance[channel])
      let (m, v) = (moments.mean[channel], batchVariance[channel])
      let (sigma, s) = ((variance + epsilon).squareRoot(), (v + epsilon).squareRoot())
      meanDistance += (m - mean) * (m - mean) / (sigma * sigma)
      shifts[channel] += (m - mean) / sigma
      deviationDistance += logarithm(s / sigma) * logarithm(s / sigma)
      // Both outputs are affine in x, so their difference is known from its first two moments.
      let gamma = parameters.gamma[channel]
      let slope = gamma / s - gamma / sigma
      let shift = -gamma * m / s + gamma * mean / sigma
      error += slope * slope * (v + m * m) + 2 * slope * shift * m + shift * shift
      let evalSlope = gamma / sigma
      let evalShift = parameters.beta[channel] - evalSlope * mean
      reference +=
        evalSlope * evalSlope * (v + m * m) + 2 * evalSlope * evalShift * m
        + evalShift * evalShift
    }
  }

  /// nil where no batch fitted.
  var site: TrainEvalGap.Site? {
    guard batches > 0 else { return nil }
    let terms = Double(batches * parameters.channelCount)
    let square = shifts.reduce(0) { $0 + $1 * $1 } / Double(batches * batches)
    return TrainEvalGap.Site(
      name: name, channels: parameters.channelCount, count: count / Double(batches),
      meanDistance: (meanDistance / terms).squareRoot(),
      shift: (square / Double(parameters.channelCount)).squareRoot(),
      deviationDistance: (deviationDistance / terms).squareRoot(),
      gap: TrainEvalGap.ratio(max(0, error), reference))
  }
}
