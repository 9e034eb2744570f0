/// What a group normalisation will cost, predicted from the running statistics alone.
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
/// fitted to four trained networks (two of volumes, one of sound, one of text lines). Damage is the
/// root of the mean squared difference over the root of the mean square of the frozen output.
public enum GroupDamage {
  static let share = 0.325
  static let spread = 0.2

  /// The predicted relative RMS difference of one node's output.
  ///
  /// - Parameter isMatched: false where gamma and beta are copied, which adds a difference that is
  ///   there even where the statistics are the running ones.
  public static func predicted(
    _ parameters: BatchNormalizationParameters, groups: Int, isMatched: Bool = true
  ) -> Double {
    let matching = GroupMatching(parameters, groups: groups)
    let channels = parameters.channelCount
    let size = channels / groups
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
        * (share * meanVariance / Double(size) + spread * spread * (variance + offset * offset))
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
