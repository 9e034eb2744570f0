internal import CDnnlLoader
internal import SurgeonIR

/// Conv and ConvTranspose in one to three dimensions.
struct FastConvolution: FastKernel {
  private struct Entry {
    let primitive: Primitive
    let outputShape: [Int]
    /// The weights as the primitive wants them, kept where they are constant.
    var weights: PackedWeights?
  }

  private let isTransposed: Bool
  private let hasConstantWeights: Bool
  private var cache = PrimitiveCache<[[Int]], Entry?>()

  init?(_ node: NodeDescription) {
    isTransposed = node.opType == "ConvTranspose"
    hasConstantWeights = node.constants.count > 1 && node.constants[1] != nil
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0, .channelsLast), let weights = try call.strided(1, .rowMajor)
    else { return nil }
    let bias = try call.strided(2, .rowMajor)
    guard bias != nil || !call.has(2), (3...5).contains(x.shape.count), x.count > 0 else {
      return nil
    }
    let hasBias = bias != nil
    let (isTransposed, isConstant) = (isTransposed, hasConstantWeights)
    let found = try cache.entry(for: [x.shape, weights.shape]) { () throws(SurgeonError) in
      try Self.makeEntry(
        call, x.shape, weights, hasBias: hasBias, isTransposed: isTransposed,
        keepsWeights: isConstant)
    }
    guard let entry = found, bias.map({ $0.count == entry.outputShape[1] }) ?? true else {
      return nil
    }
    var packed = entry.weights
    if packed == nil {
      packed = try PackedWeights(
        weights, for: entry.primitive, groups: call.node.int("group", default: 1),
        isTransposed: isTransposed, call.context)
    }
    guard let packed else { return nil }
    let y = try call.result(entry.outputShape, .channelsLast)
    var arguments = [UnsafeRawPointer(x.base), packed.base]
    if let bias { arguments.append(UnsafeRawPointer(bias.base)) }
    arguments.append(UnsafeRawPointer(y.base))
    try entry.primitive.execute(arguments)
    return [.layout(y)]
  }

  /// Nil where oneDNN has no fast implementation.
  private static func makeEntry(
    _ call: KernelCall, _ x: [Int], _ weights: StridedTensor, hasBias: Bool, isTransposed: Bool,
    keepsWeights: Bool
  ) throws(SurgeonError) -> Entry? {
    let geometry =
      isTransposed
      ? try ConvTranspose.geometry(call, x, weights.shape)
      : try ConvolutionShape(call, x, weights.shape).geometry()
    guard geometry.outputPlane > 0, geometry.inputChannels > 0, geometry.outputChannels > 0 else {
      return nil
    }
    let shape = [x[0], geometry.groups * geometry.outputChannels] + geometry.output
    var window = dl_window(geometry, isTransposed: isTransposed)
    var (source, target) = (dl_layout(x, .channelsLast), dl_layout(shape, .channelsLast))
    var wanted = dl_layout.any(weights.shape)
    var post = dl_post_ops()
    let groups = Int64(geometry.groups)
    let primitive = Primitive {
      isTransposed
        ? dl_deconvolution(
          &source, &wanted, groups, hasBias ? 1 : 0, &target, &window, &post, $0)
        : dl_convolution(&source, &wanted, groups, hasBias ? 1 : 0, &target, &window, &post, $0)
    }
    guard let primitive, !primitive.isSlow else { return nil }
    var entry = Entry(primitive: primitive, outputShape: shape)
    if keepsWeights {
      entry.weights = try PackedWeights(
        weights, for: primitive, groups: geometry.groups, isTransposed: isTransposed, call.context)
    }
    return entry
  }
}

/// Weights in the arrangement that a primitive chose.
struct PackedWeights {
  private let block: PooledBlock
  var base: UnsafeRawPointer { UnsafeRawPointer(block.base) }

  /// - Parameter groups: the convolution's; 0 for the right factor of a matrix product.
  init(
    _ weights: StridedTensor, for primitive: Primitive, groups: Int, isTransposed: Bool = false,
    _ context: ExecutionContext
  ) throws(SurgeonError) {
    block = try context.allocate(byteCount: dl_weights_size(primitive.raw))
    var layout = dl_layout(weights)
    let reorder = Primitive {
      dl_reorder_weights(&layout, Int64(groups), isTransposed ? 1 : 0, primitive.raw, $0)
    }
    guard let reorder else {
      throw SurgeonError(.broken, "oneDNN cannot rearrange weights of shape \(weights.shape)")
    }
    try reorder.execute([UnsafeRawPointer(weights.base), UnsafeRawPointer(block.base)])
  }
}

extension dl_layout {
  /// Elements of `shape` in an arrangement without gaps.
  init(_ shape: [Int], _ arrangement: Arrangement) {
    self.init(shape: shape, strides: arrangement.strides(for: shape))
  }
}

extension dl_window {
  /// The window with the padding after each axis that makes the output exactly as long as it is.
  init(
    input: [Int], output: [Int], kernel: [Int], stride: [Int], dilation: [Int], before: [Int]
  ) {
    self.init()
    rank = Int32(kernel.count)
    func set(_ path: WritableKeyPath<dl_window, (Int64, Int64, Int64)>, _ values: [Int]) {
      withUnsafeMutableBytes(of: &self[keyPath: path]) { raw in
        let target = raw.assumingMemoryBound(to: Int64.self)
        for (axis, value) in values.enumerated() { target[axis] = Int64(value) }
      }
    }
    set(\.kernel, kernel)
    set(\.stride, stride)
    set(\.dilation, dilation)
    set(\.before, before)
    set(
      \.after,
      kernel.indices.map { axis in
        let reach = (kernel[axis] - 1) * dilation[axis] + 1
        return (output[axis] - 1) * stride[axis] + reach - input[axis] - before[axis]
      })
  }

  /// A transposed convolution's window is that of the convolution it transposes.
  init(_ g: ConvolutionGeometry, isTransposed: Bool) {
    self.init(
      input: isTransposed ? g.output : g.input, output: isTransposed ? g.input : g.output,
      kernel: g.kernel, stride: g.stride, dilation: g.dilation, before: g.padding)
  }
}
