/// gamma' and beta' of a group normalisation that take over from frozen statistics. Float64.
///
/// For channel c in group g (channels of a group follow each other):
///
///     mu_g     = mean_c(mu_c)
///     var_g    = mean_c(var_c + mu_c^2) - mu_g^2  =  mean_c(var_c) + mean_c((mu_c - mu_g)^2)
///     gamma'_c = gamma_c * sigma_g / sigma_c
///     beta'_c  = beta_c + gamma_c * (mu_g - mu_c) / sigma_c
///
/// Exact where each sample's group statistics equal the running ones.
public struct GroupMatching: Sendable {
  public let groups: Int
  /// mu_g, one number per group.
  public let groupMean: [Double]
  /// var_g, one number per group.
  public let groupVariance: [Double]
  /// gamma', one number per channel.
  public let scale: [Double]
  /// beta', one number per channel.
  public let bias: [Double]

  /// - Precondition: `groups` divides the number of channels.
  public init(_ parameters: BatchNormalizationParameters, groups: Int) {
    let channels = parameters.channelCount
    precondition(groups > 0 && channels % groups == 0)
    let size = channels / groups
    let deviation = parameters.deviation
    var groupMean: [Double] = []
    var groupVariance: [Double] = []
    var scale: [Double] = []
    var bias: [Double] = []
    for group in 0..<groups {
      let members = (group * size)..<((group + 1) * size)
      let mean = parameters.mean[members].reduce(0, +) / Double(size)
      // The sum of two variances instead of a difference of squares: nothing cancels.
      var variance = 0.0
      for channel in members {
        let offset = parameters.mean[channel] - mean
        variance += parameters.variance[channel] + offset * offset
      }
      variance /= Double(size)
      let sigma = (variance + parameters.epsilon).squareRoot()
      for channel in members {
        let gain = parameters.gamma[channel] / deviation[channel]
        scale.append(gain * sigma)
        bias.append(parameters.beta[channel] + gain * (mean - parameters.mean[channel]))
      }
      groupMean.append(mean)
      groupVariance.append(variance)
    }
    self.groups = groups
    self.groupMean = groupMean
    self.groupVariance = groupVariance
    self.scale = scale
    self.bias = bias
  }
}
