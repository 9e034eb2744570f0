public import SurgeonIR

/// A value that a normalisation reads, and what its spelling must know of it.
public struct NormalizedInput: Sendable {
  /// X, of the type that statistics are computed in.
  public var value: Value.ID
  /// The element type that statistics are computed in.
  public var elementType: ElementType
  public var shape: Shape
  /// C; nil where it is open, as in a function that is called for every C.
  public var channels: Int?

  public var rank: Int { shape.rank }
  /// X's type.
  public var type: ValueType { .tensor(elementType, shape) }
  /// The type of one number per channel.
  public var channelType: ValueType { .tensor(elementType, Shape([channelDimension])) }
  public var scalarType: ValueType { .tensor(elementType, Shape([Int]())) }
  /// The shape in which one number per channel meets X, as a Reshape takes it.
  public var broadcastShape: [Int] { ChannelShape.broadcast(channels ?? -1, rank: rank) }

  private var channelDimension: Dimension { channels.map { .known($0) } ?? .unknown }

  /// The type of one number per channel, laid across X.
  var spreadType: ValueType {
    let ones = Array(repeating: Dimension.known(1), count: rank - 2)
    return .tensor(elementType, Shape([channelDimension] + ones))
  }
}

extension ElementType {
  /// The type that statistics of values of this type are kept in: Float32 for half precision.
  var statisticsType: ElementType {
    switch self {
    case .float16, .bfloat16: .float32
    default: self
    }
  }
}

/// How statistics of a batch are written, in operators of opset 9 and later.
extension OperatorSpelling {
  /// One number, as a constant of the type that statistics are computed in.
  func scalar(
    _ number: Double, of x: NormalizedInput, name: String, into patch: inout Patch
  ) -> Value.ID {
    patch.constant(Tensor(rounding: [number], to: x.elementType, shape: []), name: name)
  }

  /// The mean over some axes.
  func reduceMean(
    _ value: Value.ID, axes: [Int], keepsAxes: Bool, name: String, type: ValueType?,
    into patch: inout Patch
  ) -> Value.ID {
    let keep = Attribute.int("keepdims", keepsAxes ? 1 : 0)
    guard opset >= 18 else {
      return patch.op("ReduceMean", [value], [.ints("axes", axes), keep], name: name, type: type)
    }
    let list = patch.constant(Tensor(axes.map(Int64.init)), name: "\(name)_axes")
    return patch.op("ReduceMean", [value, list], [keep], name: name, type: type)
  }

  /// One number per channel, laid across X.
  func spread(
    _ value: Value.ID, over x: NormalizedInput, name: String, into patch: inout Patch
  ) -> Value.ID {
    guard x.rank > 2 else { return value }
    return reshape(
      value, to: x.broadcastShape, name: name, type: x.spreadType, into: &patch)
  }

  /// Mean and population variance of each channel over the batch: two passes, never
  /// E[x^2] - E[x]^2.
  func batchStatistics(
    of x: NormalizedInput, into patch: inout Patch
  ) -> (mean: Value.ID, variance: Value.ID) {
    let axes = ChannelShape.reductionAxes(rank: x.rank)
    let mean = reduceMean(
      x.value, axes: axes, keepsAxes: false, name: "batch_mean", type: x.channelType, into: &patch)
    let spreadMean = spread(mean, over: x, name: "batch_mean_spread", into: &patch)
    let centered = patch.op("Sub", [x.value, spreadMean], name: "batch_centered", type: x.type)
    let squares = patch.op("Mul", [centered, centered], name: "batch_squares", type: x.type)
    let variance = reduceMean(
      squares, axes: axes, keepsAxes: false, name: "batch_var", type: x.channelType, into: &patch)
    return (mean, variance)
  }

  /// What a batch counts as, as a scalar: computed from X's shape where the file leaves it open.
  func batchCount(
    of x: NormalizedInput, unit: WelfordOptions.Unit, into patch: inout Patch
  ) -> Value.ID {
    let axes = unit == .samples ? [0] : ChannelShape.reductionAxes(rank: x.rank)
    let sizes = axes.compactMap { x.shape.dimensions[$0].value }
    if sizes.count == axes.count {
      return scalar(Double(sizes.reduce(1, *)), of: x, name: "batch_count", into: &patch)
    }
    let shape = patch.op(
      "Shape", [x.value], name: "batch_shape", type: .tensor(.int64, Shape([x.rank])))
    let list = patch.constant(Tensor(axes.map(Int64.init)), name: "batch_axes")
    let counted = patch.op(
      "Gather", [shape, list], [.int("axis", 0)], name: "batch_sizes",
      type: .tensor(.int64, Shape([axes.count])))
    let numbers = cast(
      counted, from: .int64, to: x.elementType, shape: Shape([axes.count]),
      name: "batch_sizes_cast", into: &patch)
    return patch.op(
      "ReduceProd", [numbers], [.int("keepdims", 0)], name: "batch_count", type: x.scalarType)
  }

  /// (X - mean) * gamma / sqrt(var + epsilon) + beta, with statistics of one number per channel.
  ///
  /// - Parameter epsilon: a scalar of the type that statistics are computed in.
  func normalize(
    _ x: NormalizedInput, mean: Value.ID, variance: Value.ID, gamma: Value.ID, beta: Value.ID,
    epsilon: Value.ID, into patch: inout Patch
  ) -> Value.ID {
    let guarded = patch.op("Add", [variance, epsilon], name: "guarded_var", type: x.channelType)
    let deviation = patch.op("Sqrt", [guarded], name: "deviation", type: x.channelType)
    let gain = patch.op("Div", [gamma, deviation], name: "gain", type: x.channelType)
    let spreadMean = spread(mean, over: x, name: "mean_spread", into: &patch)
    let spreadGain = spread(gain, over: x, name: "gain_spread", into: &patch)
    let spreadBeta = spread(beta, over: x, name: "beta_spread", into: &patch)
    let centered = patch.op("Sub", [x.value, spreadMean], name: "centered", type: x.type)
    let scaled = patch.op("Mul", [centered, spreadGain], name: "scaled", type: x.type)
    return patch.op("Add", [scaled, spreadBeta], name: "shifted", type: x.type)
  }
}
