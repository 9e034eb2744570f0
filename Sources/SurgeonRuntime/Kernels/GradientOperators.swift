internal import SurgeonIR

/// Operators that only derivatives need: their results take the shape of another value, which
/// nothing but the run itself knows.
///
/// They exist between `GradientExpansion` and the plan; no file holds them.
enum GradientOperators {
  static let domain = "surgeon.gradient"

  static let fillLike = "FillLike"
  static let reshapeLike = "ReshapeLike"
  static let broadcastLike = "BroadcastLike"
  static let sumLike = "SumLike"
  static let sumAxis = "SumAxis"
  static let channelSum = "ChannelSum"
  static let spread = "Spread"
  static let concatPart = "ConcatPart"
  static let leftFactor = "LeftFactor"
  static let rightFactor = "RightFactor"
  static let convInput = "ConvInput"
  static let convWeights = "ConvWeights"
}

extension GradientOperators {
  /// A tensor of the input's shape, every element `value`.
  enum FillLike: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let y = try call.output(try call.tensor(0).shape, of: T.self)
      y.fill(T(converting: Double(call.node.float("value", default: 0))))
      return [y.datum]
    }
  }

  /// The first input in the shape of the second.
  enum ReshapeLike {
    @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
      [.tensor(try call.tensor(0).reshaped(try call.tensor(1).shape))]
    }
  }

  /// The first input, broadcast to the shape of the second.
  enum BroadcastLike {
    @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
      [.tensor(try call.broadcast(try call.tensor(0), to: try call.tensor(1).shape))]
    }
  }

  /// The first input, summed over the axes along which the second would be broadcast to it.
  enum SumLike: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let tensor = try call.tensor(0)
      let shape = try call.tensor(1).shape
      guard tensor.shape != shape else { return [.tensor(tensor)] }
      return [.tensor(try sum(tensor, like: shape, call, as: T.self))]
    }

    static func sum<T: Real>(
      _ tensor: Tensor, like shape: [Int], _ call: KernelCall, as type: T.Type
    ) throws(SurgeonError) -> Tensor {
      let missing = tensor.shape.count - shape.count
      guard missing >= 0 else {
        throw call.failure("a gradient of shape \(tensor.shape) does not sum to \(shape)")
      }
      let summed = tensor.shape.indices.filter { axis in
        axis < missing || (shape[axis - missing] == 1 && tensor.shape[axis] != 1)
      }
      return try sum(tensor, over: summed, resultShape: shape, call, as: T.self)
    }

    /// The sum over axes, added up in Float64.
    static func sum<T: Real>(
      _ tensor: Tensor, over axes: [Int], resultShape: [Int], _ call: KernelCall, as type: T.Type
    ) throws(SurgeonError) -> Tensor {
      let kept = tensor.shape.indices.filter { !axes.contains($0) }
      let rows = try Movement.transposed(tensor, kept + axes, call).view(as: T.self)
      let y = try call.output(resultShape, of: T.self)
      let length = axes.map { tensor.shape[$0] }.reduce(1, *)
      guard y.count * length == rows.count else {
        throw call.failure("a gradient of shape \(tensor.shape) does not sum to \(resultShape)")
      }
      for index in 0..<y.count {
        y[index] = ReduceSum.reduce(rows.base + index * length, count: length)
      }
      return y.tensor
    }
  }

  /// The sum along `axis`, which stays with size 1.
  enum SumAxis: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let tensor = try call.tensor(0)
      let axis = try Sizes.axis(call.node.int("axis", default: -1), rank: tensor.shape.count)
      var shape = tensor.shape
      shape[axis] = 1
      let sum = try SumLike.sum(tensor, over: [axis], resultShape: shape, call, as: T.self)
      return [.tensor(sum)]
    }
  }

  /// The sum over all axes but the second: the gradient by a convolution's bias.
  enum ChannelSum: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let tensor = try call.tensor(0)
      let axes = tensor.shape.indices.filter { $0 != 1 }
      let channels = Array(tensor.shape.dropFirst().prefix(1))
      return [.tensor(try SumLike.sum(tensor, over: axes, resultShape: channels, call, as: T.self))]
    }
  }

  /// The gradient of a reduction (input 0), repeated over the elements of the reduced tensor (input
  /// 1) that went into each result; divided by their number where `mean` is set.
  enum Spread: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let gradient = try call.tensor(0)
      let shape = try call.tensor(1).shape
      var axes = try call.ints(2) ?? call.node.ints("axes") ?? []
      if call.node.flag("spatial") { axes = Array(2..<max(2, shape.count)) }
      if axes.isEmpty, !call.node.flag("noop_with_empty_axes") { axes = Array(shape.indices) }
      let reduced = try Sizes.axes(axes, rank: shape.count)
      let kept = shape.indices.map { reduced.contains($0) ? 1 : shape[$0] }
      guard try Sizes.count(kept) == gradient.count else {
        throw call.failure("a gradient of shape \(gradient.shape) does not spread to \(shape)")
      }
      let spread = try call.broadcast(gradient.reshaped(kept), to: shape)
      guard call.node.flag("mean") else { return [.tensor(spread)] }
      let x = try spread.view(as: T.self)
      let y = try call.output(shape, of: T.self)
      let length = T(converting: Double(reduced.map { shape[$0] }.reduce(1, *)))
      for index in 0..<y.count { y[index] = x[index] / length }
      return [y.datum]
    }
  }

  /// The piece of a concatenation's gradient (input 0) that belongs to one of its inputs, which
  /// follow.
  enum ConcatPart {
    @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
      let gradient = try call.tensor(0)
      let axis = try Sizes.axis(call.node.int("axis", default: 1), rank: gradient.shape.count)
      let part = call.node.int("part", default: 0)
      var start = 0
      for slot in 1..<(part + 1) { start += try call.tensor(slot).shape[axis] }
      let size = try call.tensor(part + 1).shape[axis]
      return [.tensor(try Movement.slice(gradient, axis: axis, start..<(start + size), call))]
    }
  }

  /// The gradient of a matrix product (input 0) by its left factor (input 1): g b'.
  enum LeftFactor: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let product = try ProductGradient(call)
      let turned = try product.turned(product.right, call)
      let stacked = try MatMul.product(product.gradient, turned, call, as: T.self)
      guard case .tensor(let tensor) = stacked else { return [stacked] }
      let sum = try SumLike.sum(tensor, like: product.left.shape, call, as: T.self)
      return [.tensor(sum.reshaped(try call.tensor(1).shape))]
    }
  }

  /// The gradient of a matrix product (input 0) by its right factor (input 2): a' g.
  enum RightFactor: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let product = try ProductGradient(call)
      let turned = try product.turned(product.left, call)
      let stacked = try MatMul.product(turned, product.gradient, call, as: T.self)
      guard case .tensor(let tensor) = stacked else { return [stacked] }
      let sum = try SumLike.sum(tensor, like: product.right.shape, call, as: T.self)
      return [.tensor(sum.reshaped(try call.tensor(2).shape))]
    }
  }

  /// The factors of a matrix product and its gradient, all as stacks of matrices: a vector is a row
  /// on the left and a column on the right.
  private struct ProductGradient {
    let left: Tensor
    let right: Tensor
    let gradient: Tensor

    init(_ call: KernelCall) throws(SurgeonError) {
      let (a, b) = (try call.tensor(1), try call.tensor(2))
      let shape = try MatMulShape(a.shape, b.shape)
      left = a.shape.count == 1 ? a.reshaped([1] + a.shape) : a
      right = b.shape.count == 1 ? b.reshaped(b.shape + [1]) : b
      gradient = try call.tensor(0).reshaped(shape.stack + [shape.rows, shape.columns])
    }

    /// Each matrix transposed.
    func turned(_ tensor: Tensor, _ call: KernelCall) throws(SurgeonError) -> Tensor {
      let rank = tensor.shape.count
      return try Movement.transposed(tensor, Array(0..<(rank - 2)) + [rank - 1, rank - 2], call)
    }
  }

  /// The gradient of a convolution (input 0) by its input (input 1): the transposed convolution with
  /// the same weights (input 2), into the input's shape.
  enum ConvInput: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let gradient = try call.tensor(0).view(as: T.self)
      let shape = try call.tensor(1).shape
      let weights = try call.tensor(2).view(as: T.self)
      let forward = try ConvolutionShape(call, shape, weights.shape).geometry
      var backward = forward
      (backward.input, backward.output) = (forward.output, forward.input)
      (backward.inputChannels, backward.outputChannels) = (
        forward.outputChannels, forward.inputChannels
      )
      let y = try call.output(shape, of: T.self)
      ConvolutionProduct.convolveTransposed(
        backward, x: gradient.base, weights: weights.base, bias: nil, y: y.base,
        threads: call.threads)
      return [y.datum]
    }
  }

  /// The gradient of a convolution (input 0) by its weights (input 2): the convolution of its input
  /// (input 1) with the gradient, images and channels having changed places, strides and dilations
  /// too.
  enum ConvWeights: RealOperator {
    static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
      let (gradient, x) = (try call.tensor(0), try call.tensor(1))
      let shape = try call.tensor(2).shape
      let forward = try ConvolutionShape(call, x.shape, shape).geometry
      let backward = ConvolutionGeometry(
        batch: forward.inputChannels, groups: 1, inputChannels: forward.batch,
        outputChannels: forward.outputChannels, input: forward.input, output: forward.kernel,
        kernel: forward.output, stride: forward.dilation, dilation: forward.stride,
        padding: forward.padding)
      let axes = Array(2..<shape.count)
      let images = try Movement.transposed(x, [1, 0] + axes, call).view(as: T.self)
      let filters = try Movement.transposed(gradient, [1, 0] + axes, call).view(as: T.self)
      // [group][input channel][output channel][window]
      let swapped = try call.output(
        [forward.groups, forward.inputChannels, forward.outputChannels, forward.taps], of: T.self)
      for group in 0..<forward.groups {
        ConvolutionProduct.convolve(
          backward,
          x: images.base + group * forward.inputChannels * forward.batch * forward.inputPlane,
          weights: filters.base
            + group * forward.outputChannels * forward.batch * forward.outputPlane,
          bias: nil,
          y: swapped.base
            + group * forward.inputChannels * forward.outputChannels * forward.taps,
          threads: call.threads)
      }
      let ordered = try Movement.transposed(swapped.tensor, [0, 2, 1, 3], call)
      return [.tensor(ordered.reshaped(shape))]
    }
  }
}
