/// The relative RMS difference between a group normalisation and the BatchNormalization it replaces
/// on the same input, from the moments of each sample. Float64, and exact: within a channel of one
/// sample the difference is a straight line of x.
public struct GroupDamageMeter: Sendable {
  private let affine: ChannelAffine
  private let groups: Int
  private let epsilon: Double
  private let scale: [Double]
  private let bias: [Double]
  private var difference = 0.0
  private var ofScale = 0.0
  private var power = 0.0
  private var whole: Moments

  /// - Precondition: `groups` divides the number of channels.
  public init(
    _ parameters: BatchNormalizationParameters, groups: Int, scale: [Double], bias: [Double]
  ) {
    affine = ChannelAffine(parameters)
    self.groups = groups
    epsilon = parameters.epsilon
    self.scale = scale
    self.bias = bias
    whole = .empty(channels: scale.count)
  }

  /// Takes in the moments of one sample of the node's input.
  public mutating func add(_ sample: Moments) {
    whole = whole.merged(with: sample)
    let grouped = grouped(sample)
    var (before, both) = (0.0, 0.0)
    for channel in scale.indices {
      let (mean, variance) = (sample.mean[channel], sample.m2[channel] / sample.count)
      let (slope, gain) = (affine.slope[channel], grouped.slope[channel])
      let frozen = slope * mean + affine.intercept[channel]
      let other = gain * mean + grouped.intercept[channel]
      difference +=
        sample.count
        * ((gain - slope) * (gain - slope) * variance + (other - frozen) * (other - frozen))
      before += sample.count * (slope * slope * variance + frozen * frozen)
      both += sample.count * (slope * gain * variance + frozen * other)
    }
    power += before
    if before > 0 { ofScale += (both / before - 1) * (both / before - 1) * before }
  }

  /// Nil before any data, and where the output is 0 throughout.
  public var damage: Double? { power > 0 ? (difference / power).squareRoot() : nil }

  /// The part of it that multiplies each sample by one number: of all multiples of what the
  /// BatchNormalization gives for a sample, the one nearest to what the group normalisation does.
  public var damageOfScale: Double? { power > 0 ? (ofScale / power).squareRoot() : nil }

  /// The deviation, over all samples, of each channel of what the BatchNormalization gives.
  public var deviations: [Double] {
    zip(affine.slope, whole.variance).map { $0.magnitude * $1.squareRoot() }
  }

  /// What the replacement makes, in this sample, of each channel of the BatchNormalization's output.
  ///
  /// A channel that the BatchNormalization makes constant stays one: of x nothing is left in it.
  public func change(in sample: Moments) -> ChannelAffine {
    var change = grouped(sample)
    for channel in scale.indices {
      let (slope, intercept) = (affine.slope[channel], affine.intercept[channel])
      if slope == 0 {
        change.intercept[channel] += change.slope[channel] * sample.mean[channel] - intercept
        change.slope[channel] = 1
      } else {
        change.slope[channel] /= slope
        change.intercept[channel] -= change.slope[channel] * intercept
      }
    }
    return change
  }

  /// The group normalisation as an affine of x, in one sample.
  private func grouped(_ sample: Moments) -> ChannelAffine {
    let group = GroupMoments(of: sample, groups: groups)
    let gains = scale.indices.map { channel in
      scale[channel] / (group.variance[channel / group.size] + epsilon).squareRoot()
    }
    let intercepts = scale.indices.map { channel in
      bias[channel] - gains[channel] * group.mean[channel / group.size]
    }
    return ChannelAffine(slope: gains, intercept: intercepts)
  }
}
