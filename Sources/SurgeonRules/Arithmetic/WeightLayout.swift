/// Where the channels of a weight stand, when the weight is looked at as
/// [groups, outer, channels, inner] in row-major order.
///
/// Channel `c` of group `g` has the number `g * channels + c` in per-channel constants.
public struct WeightLayout: Sendable, Hashable {
  public var groups: Int
  public var outer: Int
  public var channels: Int
  public var inner: Int

  /// Output channels of a Conv: W is [M, C/group, k1, ...].
  public static func convOutput(_ shape: [Int]) -> WeightLayout {
    WeightLayout(groups: 1, outer: 1, channels: shape[0], inner: product(shape.dropFirst()))
  }

  /// Input channels of a Conv: W is [M, C/group, k1, ...]; nil where `group` does not divide M.
  public static func convInput(_ shape: [Int], group: Int) -> WeightLayout? {
    guard group > 0, shape[0] % group == 0 else { return nil }
    return WeightLayout(
      groups: group, outer: shape[0] / group, channels: shape[1],
      inner: product(shape.dropFirst(2)))
  }

  /// Output channels of a ConvTranspose: W is [C, M/group, k1, ...].
  public static func convTransposeOutput(_ shape: [Int], group: Int) -> WeightLayout? {
    guard group > 0, shape[0] % group == 0 else { return nil }
    return WeightLayout(
      groups: group, outer: shape[0] / group, channels: shape[1],
      inner: product(shape.dropFirst(2)))
  }

  /// Columns of the product A * B: B is [K, N], or [N, K] where it is transposed.
  public static func matrixColumns(_ shape: [Int], isTransposed: Bool) -> WeightLayout {
    isTransposed
      ? WeightLayout(groups: 1, outer: 1, channels: shape[0], inner: shape[1])
      : WeightLayout(groups: 1, outer: shape[0], channels: shape[1], inner: 1)
  }

  /// Numbers that a per-channel constant has.
  public var channelCount: Int { groups * channels }
  /// The rows that `contracted` gives: one for each group and outer position.
  public var rowCount: Int { groups * outer }

  /// `numbers` with each channel multiplied by its factor.
  public func scaled(_ numbers: [Double], by factors: [Double]) -> [Double] {
    precondition(numbers.count == groups * outer * channels * inner)
    precondition(factors.count == channelCount)
    var result = numbers
    var position = 0
    for group in 0..<groups {
      for _ in 0..<outer {
        for channel in 0..<channels {
          let factor = factors[group * channels + channel]
          for _ in 0..<inner {
            result[position] *= factor
            position += 1
          }
        }
      }
    }
    return result
  }

  /// The sum over channels and inner positions of weight times the channel's number, for each
  /// group and outer position: what a constant input adds to a convolution's output.
  public func contracted(_ numbers: [Double], with perChannel: [Double]) -> [Double] {
    precondition(numbers.count == groups * outer * channels * inner)
    precondition(perChannel.count == channelCount)
    var result: [Double] = []
    result.reserveCapacity(rowCount)
    var position = 0
    for group in 0..<groups {
      for _ in 0..<outer {
        var sum = 0.0
        for channel in 0..<channels {
          var kernelSum = 0.0
          for _ in 0..<inner {
            kernelSum += numbers[position]
            position += 1
          }
          sum += kernelSum * perChannel[group * channels + channel]
        }
        result.append(sum)
      }
    }
    return result
  }

  private static func product(_ sizes: some Sequence<Int>) -> Int { sizes.reduce(1, *) }
}
