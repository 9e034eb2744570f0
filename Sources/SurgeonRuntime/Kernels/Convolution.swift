internal import SurgeonIR

/// The convolution (cross-correlation) of any number of spatial axes, in groups.
enum Conv: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let weights = try call.tensor(1).view(as: T.self)
    let bias = try call.optionalTensor(2)?.view(as: T.self)
    let plan = try call.kept(for: x.shape, weights.shape, T.elementType) {
      () throws(SurgeonError) in
      ConvolutionPlan(
        try ConvolutionShape(call, x.shape, weights.shape).geometry, isTransposed: false,
        elementSize: MemoryLayout<T>.stride, threads: call.threads)
    }
    guard bias.map({ $0.count == weights.shape[0] }) ?? true else {
      throw call.failure("the bias does not have one number for each output channel")
    }
    let y = try call.output([x.shape[0], weights.shape[0]] + plan.geometry.output, of: T.self)
    plan.compute(x: x.base, weights: weights.base, bias: bias?.base, y: y.base)
    return [y.datum]
  }
}

/// How a convolution's input and weights fit together.
struct ConvolutionShape {
  let batch: Int
  let groups: Int
  /// Channels of one group.
  let inputChannels: Int
  let outputChannels: Int
  let window: Window

  init(_ call: KernelCall, _ x: [Int], _ weights: [Int]) throws(SurgeonError) {
    let node = call.node
    groups = node.int("group", default: 1)
    guard x.count >= 3, weights.count == x.count else {
      throw call.failure("an input of shape \(x) and weights of \(weights) make no convolution")
    }
    batch = x[0]
    inputChannels = weights[1]
    guard Sizes.splits(x[1], into: groups), x[1] / groups == inputChannels,
      weights[0] % groups == 0
    else {
      throw call.failure(
        "\(x[1]) channels do not fit weights of shape \(weights) in \(groups) groups")
    }
    outputChannels = weights[0] / groups
    let kernel = Array(weights[2...])
    guard node.ints("kernel_shape").map({ $0 == kernel }) ?? true else {
      throw call.failure("'kernel_shape' is not the shape of the weights")
    }
    window = try Window(node, input: Array(x[2...]), kernel: kernel)
  }

  var geometry: ConvolutionGeometry {
    ConvolutionGeometry(
      batch: batch, groups: groups, inputChannels: inputChannels, outputChannels: outputChannels,
      input: window.input, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.before)
  }
}

/// The transposed convolution.
enum ConvTranspose: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let weights = try call.tensor(1).view(as: T.self)
    let bias = try call.optionalTensor(2)?.view(as: T.self)
    let plan = try call.kept(for: x.shape, weights.shape, T.elementType) {
      () throws(SurgeonError) in
      ConvolutionPlan(
        try geometry(call, x.shape, weights.shape), isTransposed: true,
        elementSize: MemoryLayout<T>.stride, threads: call.threads)
    }
    let channels = plan.geometry.groups * plan.geometry.outputChannels
    guard bias.map({ $0.count == channels }) ?? true else {
      throw call.failure("the bias does not have one number for each output channel")
    }
    let y = try call.output([x.shape[0], channels] + plan.geometry.output, of: T.self)
    plan.compute(x: x.base, weights: weights.base, bias: bias?.base, y: y.base)
    return [y.datum]
  }

  static func geometry(
    _ call: KernelCall, _ x: [Int], _ weights: [Int]
  ) throws(SurgeonError) -> ConvolutionGeometry {
    let node = call.node
    let groups = node.int("group", default: 1)
    let rank = x.count - 2
    guard rank >= 1, weights.count == x.count, x[1] == weights[0],
      Sizes.splits(x[1], into: groups)
    else {
      throw call.failure("an input of shape \(x) and weights of \(weights) make no convolution")
    }
    func list(_ name: String, _ other: Int, count: Int) throws(SurgeonError) -> [Int] {
      let values = node.ints(name) ?? Array(repeating: other, count: count)
      guard values.count == count, values.allSatisfy({ $0.magnitude < 1 << 31 }) else {
        throw call.failure("attribute '\(name)' does not have \(count) numbers")
      }
      return values
    }
    let kernel = Array(weights[2...])
    let stride = try list("strides", 1, count: rank)
    let dilation = try list("dilations", 1, count: rank)
    let extra = try list("output_padding", 0, count: rank)
    var pads = try list("pads", 0, count: 2 * rank)
    guard stride.allSatisfy({ $0 > 0 }), dilation.allSatisfy({ $0 > 0 }) else {
      throw call.failure("strides and dilations must be positive")
    }
    let mode = node.string("auto_pad", default: "NOTSET")
    let wanted = node.ints("output_shape").map { Array($0.suffix(rank)) }
    guard wanted.map({ $0.count == rank && $0.allSatisfy { $0.magnitude < 1 << 31 } }) ?? true
    else {
      throw call.failure("'output_shape' does not have \(rank) numbers")
    }
    var output: [Int] = []
    for axis in 0..<rank {
      let full =
        stride[axis] * (x[axis + 2] - 1) + extra[axis] + (kernel[axis] - 1) * dilation[axis] + 1
      let isSame = mode == "SAME_UPPER" || mode == "SAME_LOWER"
      if let size = wanted?[axis] ?? (isSame ? x[axis + 2] * stride[axis] : nil) {
        let total = max(0, full - size)
        pads[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        pads[axis + rank] = total - pads[axis]
        output.append(size)
      } else {
        if mode == "VALID" { (pads[axis], pads[axis + rank]) = (0, 0) }
        output.append(full - pads[axis] - pads[axis + rank])
      }
    }
    guard output.allSatisfy({ $0 >= 0 }) else {
      throw call.failure("the padding leaves nothing of the output")
    }
    return ConvolutionGeometry(
      batch: x[0], groups: groups, inputChannels: x[1] / groups, outputChannels: weights[1],
      input: Array(x[2...]), output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: Array(pads[..<rank]))
  }
}
