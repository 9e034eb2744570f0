/// Count, mean and sum of squared deviations of a sample, per channel: what Welford's and Chan's
/// recurrences carry. Float64.
///
/// Merging is Chan, Golub and LeVeque's formula ("Updating formulae and a pairwise algorithm for
/// computing sample variances", 1979):
///
///     d   = m_b - m
///     N   = n + n_b
///     m'  = m + d * n_b / N
///     M2' = M2 + M2_b + d^2 * n * n_b / N
public struct Moments: Sendable, Equatable {
  public var count: Double
  public var mean: [Double]
  /// Sum of squared deviations from the mean.
  public var m2: [Double]

  public init(count: Double, mean: [Double], m2: [Double]) {
    precondition(mean.count == m2.count)
    self.count = count
    self.mean = mean
    self.m2 = m2
  }

  /// Nothing measured yet.
  public static func empty(channels: Int) -> Moments {
    let zeros = Array(repeating: 0.0, count: channels)
    return Moments(count: 0, mean: zeros, m2: zeros)
  }

  /// Population variance, M2 / n; 1 where nothing has been counted, as for a fresh normalisation.
  public var variance: [Double] {
    count > 0 ? m2.map { $0 / count } : m2.map { _ in 1 }
  }

  /// Chan's merge. The order of merging changes the result by rounding only.
  public func merged(with other: Moments) -> Moments {
    if other.count == 0 { return self }
    if count == 0 { return other }
    let total = count + other.count
    var result = self
    result.count = total
    for channel in mean.indices {
      let difference = other.mean[channel] - mean[channel]
      result.mean[channel] += difference * (other.count / total)
      result.m2[channel] +=
        other.m2[channel] + difference * difference * (count * (other.count / total))
    }
    return result
  }

  /// The same mean and variance, counted as `newCount`.
  public func recounted(_ newCount: Double) -> Moments {
    guard count > 0 else { return self }
    return Moments(count: newCount, mean: mean, m2: m2.map { $0 * (newCount / count) })
  }

  /// The moments of a batch [N, C, D1, ..., Dk], two passes over it.
  ///
  /// - Parameters:
  ///   - batch: row-major.
  ///   - shape: rank 2 or more.
  ///   - count: what the batch counts as; every element of a channel by default. M2 fits it, so
  ///     that M2 / count is the batch's population variance either way.
  public init(ofBatch batch: [Double], shape: [Int], count: Double? = nil) {
    let samples = shape[0]
    let channels = shape[1]
    let positions = shape.dropFirst(2).reduce(1, *)
    let elements = Double(samples * positions)
    var mean = Array(repeating: 0.0, count: channels)
    var m2 = mean
    for channel in 0..<channels {
      var sum = 0.0
      for sample in 0..<samples {
        let start = (sample * channels + channel) * positions
        for index in start..<(start + positions) { sum += batch[index] }
      }
      let center = sum / elements
      var squares = 0.0
      for sample in 0..<samples {
        let start = (sample * channels + channel) * positions
        for index in start..<(start + positions) {
          let difference = batch[index] - center
          squares += difference * difference
        }
      }
      mean[channel] = center
      m2[channel] = squares
    }
    self.init(count: elements, mean: mean, m2: m2)
    if let count { self = recounted(count) }
  }
}
