/// What a group normalisation may cost, by the running statistics alone.
///
/// A group normalisation differs from the frozen function by what the statistics of a sample differ
/// from the running ones. For channel c in group g, with gain_c = gamma_c / sigma_c:
///
///     E[(Y_group - Y_frozen)^2]  =  gain_c^2 * (share * mean_g(var) / n_g
///                                               + spread^2 * (var_c + (mu_c - mu_g)^2))
///
/// `share` is the part of a channel's variance that lies between samples, which moves the mean of a
/// group of n_g channels that move apart; `spread` is the relative variation of a group's
/// deviation. Both are properties of the data, of which a model tells nothing: the constants were
/// fitted to four trained networks (two of volumes, one of sound, one of text lines). What a model
/// does tell is how few numbers a sample has, and that both are at least
///
///     share  >=  1 / D                     D = D1 * ... * Dk: the variance of a mean of D numbers
///     spread^2  >=  1 / (2 (n_g D - 1))    that of the deviation of n_g D numbers
///
/// so that behind a Gemm, where D = 1, all variance lies between samples. Damage is the root of the
/// mean squared difference over the root of the mean square of the frozen output.
public enum GroupDamage {
  private static let typicalShare = 0.325
  private static let typicalSpread = 0.2

  /// The relative RMS difference of one node's output that is to be expected.
  ///
  /// - Parameters:
  ///   - positions: D1 * ... * Dk, nil where it is not known: many.
  ///   - isMatched: false where gamma and beta are copied, which adds a difference that is there even
  ///     where the statistics are the running ones.
  public static func expected(
    _ parameters: BatchNormalizationParameters, groups: Int, positions: Int? = nil,
    isMatched: Bool = true
  ) -> Double {
    let matching = GroupMatching(parameters, groups: groups)
    let channels = parameters.channelCount
    let size = channels / groups
    let numbers = positions.map { Double(size * $0) } ?? .infinity
    let share = max(typicalShare, positions.map { 1 / Double(max($0, 1)) } ?? 0)
    let squaredSpread = max(typicalSpread * typicalSpread, 0.5 / max(numbers - 1, 1))
    let deviation = parameters.deviation
    var difference = 0.0
    var power = 0.0
    for channel in 0..<channels {
      let group = channel / size
      let members = (group * size)..<((group + 1) * size)
      let meanVariance = parameters.variance[members].reduce(0, +) / Double(size)
      let offset = parameters.mean[channel] - matching.groupMean[group]
      let variance = parameters.variance[channel]
      let (gamma, beta) = (parameters.gamma[channel], parameters.beta[channel])
      let groupDeviation = (matching.groupVariance[group] + parameters.epsilon).squareRoot()
      let gain = isMatched ? gamma / deviation[channel] : gamma / groupDeviation
      difference +=
        gain * gain
        * (share * meanVariance / Double(size) + squaredSpread * (variance + offset * offset))
      if !isMatched {
        let slope = gamma / groupDeviation - gamma / deviation[channel]
        let shift = gamma / groupDeviation * offset
        difference += slope * slope * variance + shift * shift
      }
      power += gamma * gamma * variance / (variance + parameters.epsilon) + beta * beta
    }
    return power > 0 ? (difference / power).squareRoot() : 0
  }
}
