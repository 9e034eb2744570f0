/// gamma' and beta' of a group normalisation by least squares: for each channel the line through
/// what a normalisation without parameters gives on sample data, nearest to what the
/// BatchNormalization gives. Float64.
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

  public init(_ parameters: BatchNormalizationParameters, groups: Int) {
    precondition(groups > 0 && parameters.channelCount % groups == 0)
    self.groups = groups
    epsilon = parameters.epsilon
    affine = ChannelAffine(parameters)
    sums = Array(repeating: Sums(), count: parameters.channelCount)
  }

  /// Takes in a batch [N, C, D1, ..., Dk] of the node's input.
  public mutating func add(_ batch: [Double], shape: [Int]) {
    let normalized = GroupStatistics.normalized(
      batch, shape: shape, groups: groups, epsilon: epsilon)
    let channels = shape[1]
    let positions = shape.dropFirst(2).reduce(1, *)
    for sample in 0..<shape[0] {
      for channel in 0..<channels {
        let start = (sample * channels + channel) * positions
        var sum = sums[channel]
        for index in start..<(start + positions) {
          let z = normalized[index]
          let y = batch[index] * affine.slope[channel] + affine.intercept[channel]
          sum.z += z
          sum.y += y
          sum.zz += z * z
          sum.zy += z * y
        }
        sums[channel] = sum
      }
    }
    count += Double(shape[0] * positions)
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

/// Group statistics of a batch in Float64.
public enum GroupStatistics {
  /// (X - mu_g) / sqrt(var_g + epsilon), with the statistics of each sample's groups.
  public static func normalized(
    _ batch: [Double], shape: [Int], groups: Int, epsilon: Double
  ) -> [Double] {
    var result = batch
    let size = shape.dropFirst().reduce(1, *) / groups
    for group in 0..<(shape[0] * groups) {
      let members = (group * size)..<((group + 1) * size)
      let mean = batch[members].reduce(0, +) / Double(size)
      var squares = 0.0
      for index in members { squares += (batch[index] - mean) * (batch[index] - mean) }
      let inverse = 1 / (squares / Double(size) + epsilon).squareRoot()
      for index in members { result[index] = (batch[index] - mean) * inverse }
    }
    return result
  }
}

/// The measured counterpart of `GroupDamage`: the relative RMS difference between a group
/// normalisation and the BatchNormalization it replaces, on the same input.
public struct GroupDamageMeter: Sendable {
  private let affine: ChannelAffine
  private let groups: Int
  private let epsilon: Double
  private let scale: [Double]
  private let bias: [Double]
  private var difference = 0.0
  private var power = 0.0

  public init(
    _ parameters: BatchNormalizationParameters, groups: Int, scale: [Double], bias: [Double]
  ) {
    affine = ChannelAffine(parameters)
    self.groups = groups
    epsilon = parameters.epsilon
    self.scale = scale
    self.bias = bias
  }

  /// Takes in a batch [N, C, D1, ..., Dk] of the node's input.
  public mutating func add(_ batch: [Double], shape: [Int]) {
    let normalized = GroupStatistics.normalized(
      batch, shape: shape, groups: groups, epsilon: epsilon)
    let channels = shape[1]
    let positions = shape.dropFirst(2).reduce(1, *)
    for index in batch.indices {
      let channel = index / positions % channels
      let frozen = batch[index] * affine.slope[channel] + affine.intercept[channel]
      let grouped = normalized[index] * scale[channel] + bias[channel]
      difference += (grouped - frozen) * (grouped - frozen)
      power += frozen * frozen
    }
  }

  /// Nil before any data, and where the output is 0 throughout.
  public var damage: Double? { power > 0 ? (difference / power).squareRoot() : nil }
}
