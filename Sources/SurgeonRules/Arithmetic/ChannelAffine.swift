public import SurgeonIR

/// Y = X * slope + intercept, per channel: what a normalisation with frozen statistics is.
///
///     slope     a = gamma / sigma,  sigma = sqrt(var + epsilon)
///     intercept b = beta - mean * a
///
/// In Float64 throughout. Numbers are rounded once, when a tensor is made of them.
public struct ChannelAffine: Sendable, Equatable {
  public var slope: [Double]
  public var intercept: [Double]
  /// [C], or [C, D1, ..., Dk] where every position has numbers of its own.
  public var shape: [Int]

  public init(slope: [Double], intercept: [Double], shape: [Int]? = nil) {
    precondition(slope.count == intercept.count)
    self.slope = slope
    self.intercept = intercept
    self.shape = shape ?? [slope.count]
  }

  /// The affine that a BatchNormalization in inference mode computes.
  public init(_ parameters: BatchNormalizationParameters) {
    let slope = zip(parameters.gamma, parameters.deviation).map { $0 / $1 }
    let intercept = zip(parameters.beta, zip(parameters.mean, slope)).map { $0 - $1.0 * $1.1 }
    self.init(slope: slope, intercept: intercept, shape: parameters.shape)
  }

  /// This affine followed by a multiplication with `factor` and an addition of `term`, both per
  /// channel: a' = a * k, b' = b * k + t.
  public func followed(byFactor factor: [Double], term: [Double]) -> ChannelAffine {
    ChannelAffine(
      slope: zip(slope, factor).map { $0 * $1 },
      intercept: zip(zip(intercept, factor), term).map { $0.0 * $0.1 + $1 }, shape: shape)
  }

  /// `numbers` rounded to `elementType`, in the shape that meets axis 1 of an X of rank `rank`.
  ///
  /// - Throws: `impossible` where a finite number has no finite neighbour in `elementType`.
  public static func tensor(
    _ numbers: [Double], called role: String, as elementType: ElementType, shape: [Int]
  ) throws(SurgeonError) -> Tensor {
    let largest = elementType.largestFinite
    for (channel, number) in numbers.enumerated()
    where number.isFinite && number.magnitude > largest {
      throw SurgeonError(
        .impossible, "the \(role) of channel \(channel) is \(number)",
        detail: "\(elementType.name) ends at \(largest)")
    }
    return Tensor(unrounded: numbers, as: elementType, shape: shape)
  }
}

extension ElementType {
  /// The largest number that rounds to a finite one, nearly; infinite for types that are not
  /// computed in.
  var largestFinite: Double {
    switch self {
    case .float16: 65504
    case .bfloat16: 0x1.FEp127
    case .float32: Double(Float.greatestFiniteMagnitude)
    default: .infinity
    }
  }
}

/// Shapes in which one number per channel meets a tensor [N, C, D1, ..., Dk].
public enum ChannelShape {
  /// [C, 1, ..., 1] with one 1 for each Di. An X of rank 1 has one channel.
  public static func broadcast(_ channels: Int, rank: Int) -> [Int] {
    [channels] + Array(repeating: 1, count: max(rank - 2, 0))
  }

  /// Every axis except that of the channels: 0, 2, 3, ...
  public static func reductionAxes(rank: Int) -> [Int] {
    (0..<rank).filter { $0 != 1 }
  }

  /// Whether a constant of shape `shape` is one number per channel (or one for all of them) when
  /// it meets an X of rank `rank` by the broadcasting of opset 7 and later; the numbers, spread to
  /// one per channel.
  public static func perChannel(
    _ numbers: [Double], shape: [Int], rank: Int, channels: Int
  ) -> [Double]? {
    guard shape.count <= rank else { return nil }
    let aligned = Array(repeating: 1, count: rank - shape.count) + shape
    for (axis, size) in aligned.enumerated() where axis != 1 && size != 1 { return nil }
    if numbers.count == 1 { return Array(repeating: numbers[0], count: channels) }
    return numbers.count == channels ? numbers : nil
  }
}
