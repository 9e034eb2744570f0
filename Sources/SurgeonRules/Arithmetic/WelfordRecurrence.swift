/// How Welford-running statistics count.
public struct WelfordOptions: Sendable, Hashable {
  public enum Count: String, Sendable, CaseIterable {
    /// n is `maximum` always: the past never weighs less, and never more.
    case constant
    /// n grows to `maximum` and stays there.
    case capped
  }

  public enum Unit: String, Sendable, CaseIterable {
    /// A batch counts its N samples.
    case samples
    /// A batch counts its N * D1 * ... * Dk positions.
    case elements
  }

  public enum Start: String, Sendable, CaseIterable {
    /// The running statistics of the checkpoint.
    case pretrained
    /// Mean 0 and variance 1; a capped count starts at 0.
    case standard
  }

  /// Whose statistics normalise a batch.
  public enum Normalization: String, Sendable, CaseIterable {
    /// Those that the batch was merged into.
    case updated
    /// Those before it: no gradient passes through them, and a sample's result does not depend on
    /// its batch.
    case previous
  }

  public var count: Count
  /// nmax; infinite for a count that is never capped.
  public var maximum: Double
  public var unit: Unit
  public var start: Start
  public var normalization: Normalization

  public init(
    count: Count = .constant, maximum: Double = defaultMaximum, unit: Unit = .samples,
    start: Start = .pretrained, normalization: Normalization = .updated
  ) {
    self.count = count
    self.maximum = maximum
    self.unit = unit
    self.start = start
    self.normalization = normalization
  }

  /// How many samples are remembered unless somebody says otherwise, and what a checkpoint counts
  /// as where nothing caps the count.
  ///
  /// Statistics of a population want a thousand samples or more (Wu and Johnson, "Rethinking Batch
  /// in BatchNorm", 2021), and a checkpoint's are those of all that it was trained on. After fifty
  /// batches of one sample it still makes up 98% of the statistics; with 256 it is 82%, and a network
  /// can tell (docs/numerics.md).
  public static let defaultMaximum = 2048.0

  /// The count that the state starts with.
  public var initialCount: Double {
    switch (count, start) {
    case (.constant, _): maximum
    case (.capped, .standard): 0
    case (.capped, .pretrained): maximum.isFinite ? maximum : Self.defaultMaximum
    }
  }
}

/// The recurrence of Welford-running statistics in Float64: the reference that a rewritten graph is
/// checked against, and the arithmetic of the way back.
///
///     (n, m, M2) <- merge((n, m, M2), batch)
///     capped:    n' = min(N, nmax), M2' *= n' / N      the variance is unchanged
///     constant:  n' = nmax,         M2' *= nmax / N
///
/// A constant count is the exponential moving average with ONNX momentum lambda = n / (n + n_b),
/// plus the between-batch term lambda (1 - lambda) d^2 that ONNX's own training mode leaves out.
public struct WelfordRecurrence: Sendable {
  public let options: WelfordOptions
  public private(set) var state: Moments

  public init(options: WelfordOptions, state: Moments) {
    self.options = options
    self.state = state
  }

  /// The state that a rewritten graph starts from.
  public init(options: WelfordOptions, mean: [Double], variance: [Double]) {
    let count = options.initialCount
    let isPretrained = options.start == .pretrained
    self.init(
      options: options,
      state: Moments(
        count: count,
        mean: isPretrained ? mean : mean.map { _ in 0 },
        m2: isPretrained ? variance.map { $0 * count } : variance.map { _ in count }))
  }

  /// Takes in a batch [N, C, D1, ..., Dk] and returns the statistics that normalise it.
  public mutating func update(
    batch: [Double], shape: [Int]
  ) -> (mean: [Double], variance: [Double]) {
    let samples = Double(shape[0])
    let positions = Double(shape.dropFirst(2).reduce(1, *))
    let before = (state.mean, state.variance)
    let moments = Moments(
      ofBatch: batch, shape: shape,
      count: options.unit == .samples ? samples : samples * positions)
    let merged = state.merged(with: moments)
    let count =
      options.count == .constant ? options.maximum : min(merged.count, options.maximum)
    state = merged.recounted(count)
    return options.normalization == .updated ? (state.mean, state.variance) : before
  }
}
