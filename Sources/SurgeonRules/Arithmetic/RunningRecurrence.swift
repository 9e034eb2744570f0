internal import SurgeonLibc

/// The recurrence of running batch normalisation (IIR) in Float64.
///
/// Momentum is per sample: a batch of N samples keeps the part lambda^N of the past, so that two
/// batches of one sample forget as much as one batch of two, and N = 1 needs no exception.
///
///     keep = lambda^N
///     w'   = keep * w + (1 - keep)           weight gathered so far; 1 for a pretrained start
///     r    = (1 - keep) / w'                 the batch's share (1 for the first of a fresh start)
///     d    = m_b - m
///     m'   = m + r * d
///     v'   = (1 - r) * v + r * v_b + r * (1 - r) * d^2
///
/// m and v are the debiased moving averages: sum of x and sum of x^2, each averaged with these
/// weights and divided by w, give exactly this mean and E[x^2] - E[x]^2, without the cancellation.
/// The widely copied 1 - (1 - momentum) / sqrt(N - 1) divides by zero at N = 1.
public struct RunningRecurrence: Sendable {
  /// lambda, between 0 (only the batch counts) and 1 (frozen).
  public let momentum: Double
  public let normalization: WelfordOptions.Normalization
  public private(set) var weight: Double
  public private(set) var mean: [Double]
  public private(set) var variance: [Double]

  public init(
    momentum: Double, start: WelfordOptions.Start, normalization: WelfordOptions.Normalization,
    mean: [Double], variance: [Double]
  ) {
    let isPretrained = start == .pretrained
    self.momentum = momentum
    self.normalization = normalization
    weight = isPretrained ? 1 : 0
    self.mean = isPretrained ? mean : mean.map { _ in 0 }
    self.variance = isPretrained ? variance : variance.map { _ in 1 }
  }

  /// The share that a batch of `samples` gets in the statistics, and the weight afterwards.
  public static func share(
    momentum: Double, samples: Double, weight: Double
  ) -> (share: Double, weight: Double) {
    let keep = pow(momentum, samples)
    let total = keep * weight + (1 - keep)
    return (total > 0 ? (1 - keep) / total : 0, total)
  }

  /// Takes in a batch [N, C, D1, ..., Dk] and returns the statistics that normalise it.
  public mutating func update(
    batch: [Double], shape: [Int]
  ) -> (mean: [Double], variance: [Double]) {
    let before = (mean, variance)
    let moments = Moments(ofBatch: batch, shape: shape)
    let batchVariance = moments.variance
    let (share, total) = Self.share(
      momentum: momentum, samples: Double(shape[0]), weight: weight)
    weight = total
    for channel in mean.indices {
      let difference = moments.mean[channel] - mean[channel]
      mean[channel] += share * difference
      variance[channel] =
        (1 - share) * variance[channel] + share * batchVariance[channel]
        + share * (1 - share) * difference * difference
    }
    return normalization == .updated ? (mean, variance) : before
  }
}
