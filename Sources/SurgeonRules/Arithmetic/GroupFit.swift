/// Statistics of the groups of one sample.
struct GroupMoments {
  let groups: Int
  /// Channels of a group; they follow each other.
  let size: Int
  let mean: [Double]
  let variance: [Double]

  /// - Precondition: `groups` divides the number of channels.
  init(of sample: Moments, groups: Int) {
    self.groups = groups
    size = sample.mean.count / groups
    var mean: [Double] = []
    var variance: [Double] = []
    for group in 0..<groups {
      let members = (group * size)..<((group + 1) * size)
      let center = sample.mean[members].reduce(0, +) / Double(size)
      var sum = 0.0
      for channel in members {
        let offset = sample.mean[channel] - center
        sum += sample.m2[channel] / sample.count + offset * offset
      }
      mean.append(center)
      variance.append(sum / Double(size))
    }
    self.mean = mean
    self.variance = variance
  }
}

/// gamma' and beta' of a group normalisation by least squares: for each channel the line through
/// what a normalisation without parameters gives on sample data, nearest to what the
/// BatchNormalization gives. Float64.
///
/// Within a channel of one sample both are straight lines of x, so that the moments of the samples
/// are all that a fit needs.
public struct GroupFit: Sendable {
  public let groups: Int
  public let epsilon: Double
  private let affine: ChannelAffine
  private var count = 0.0
  private var sums: [Sums]

  private struct Sums {
    var z = 0.0
    var y = 0.0
    var zz = 0.0
    var zy = 0.0
  }

  /// - Precondition: `groups` divides the number of channels.
  public init(_ parameters: BatchNormalizationParameters, groups: Int) {
    precondition(groups > 0 && parameters.channelCount % groups == 0)
    self.groups = groups
    epsilon = parameters.epsilon
    affine = ChannelAffine(parameters)
    sums = Array(repeating: Sums(), count: parameters.channelCount)
  }

  /// Takes in the moments of one sample of the node's input.
  public mutating func add(_ sample: Moments) {
    let group = GroupMoments(of: sample, groups: groups)
    for channel in sums.indices {
      let member = channel / group.size
      let inverse = 1 / (group.variance[member] + epsilon).squareRoot()
      let (mean, variance) = (sample.mean[channel], sample.m2[channel] / sample.count)
      let offset = mean - group.mean[member]
      let (slope, intercept) = (affine.slope[channel], affine.intercept[channel])
      let z = offset * inverse
      sums[channel].z += sample.count * z
      sums[channel].y += sample.count * (slope * mean + intercept)
      sums[channel].zz += sample.count * (variance + offset * offset) * inverse * inverse
      sums[channel].zy +=
        sample.count * (slope * (variance + offset * mean) * inverse + intercept * z)
    }
    count += sample.count
  }

  /// The fitted numbers; a channel that never varies gets slope 0 and its mean. Nil before any data.
  public var result: (scale: [Double], bias: [Double])? {
    guard count > 0 else { return nil }
    var scale: [Double] = []
    var bias: [Double] = []
    for sum in sums {
      let variance = sum.zz / count - (sum.z / count) * (sum.z / count)
      let covariance = sum.zy / count - (sum.z / count) * (sum.y / count)
      let slope = variance > 1e-12 ? covariance / variance : 0
      scale.append(slope)
      bias.append(sum.y / count - slope * sum.z / count)
    }
    return (scale, bias)
  }
}
