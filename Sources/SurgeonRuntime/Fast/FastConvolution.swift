internal import CDnnlLoader
internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// Conv and ConvTranspose in one to three dimensions, with what a fusion has put into them.
struct FastConvolution: FastKernel {
  private typealias Entry = PreparedConvolution.Entry

  /// The convolution's own node; that of a call is the last one of a fused step.
  private let node: NodeDescription
  private let isTransposed: Bool
  private let constantWeights: Tensor?
  /// A fused step's third input is the bias only where the convolution has one.
  private let hasBias: Bool
  private let hasConstantBias: Bool
  private var cache = PrimitiveCache<[[Int]], PreparedConvolution?>()
  /// What the last call was prepared for, which is what most calls are.
  private var last: PreparedConvolution?
  /// What fused steps multiply each input and each output channel by.
  private var factors = ChannelFactors()
  /// What they add to each output channel.
  private var summands: [Float]?
  private var isScaled: Bool { !factors.areOne || summands != nil }
  /// Done to each result, in this order.
  var operations: [FusedOperation] = []

  init?(_ node: NodeDescription) {
    self.node = node
    isTransposed = node.opType == "ConvTranspose"
    constantWeights = node.constants.count > 1 ? node.constants[1] : nil
    hasBias = node.hasInput.count > 2 && node.hasInput[2]
    hasConstantBias = hasBias && node.constants[2] != nil
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    try convolve(call).map { [.layout($0)] }
  }

  var weightBytes: Int { constantWeights.map { $0.count * MemoryLayout<Float>.stride } ?? 0 }

  mutating func prepare(_ call: KernelCall) throws(SurgeonError) {
    guard constantWeights != nil, let shape = call.float32Shape(0) else { return }
    _ = try prepared(for: shape, call)
  }

  /// The result, or nil where the reference engine has to compute it.
  mutating func convolve(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    guard let x = try call.strided(0) else { return nil }
    guard let prepared = try prepared(for: x.shape, call) else { return nil }
    return try prepared.convolve(x, call)
  }

  private mutating func prepared(
    for x: [Int], _ call: KernelCall
  ) throws(SurgeonError) -> PreparedConvolution? {
    if let last, constantWeights != nil, last.inputShape == x { return last }
    guard (3...5).contains(x.count), x.allSatisfy({ $0 > 0 }),
      let filterShape = call.float32Shape(1),
      !hasBias || call.float32Shape(2) != nil
    else { return nil }
    let this = self
    last = try cache.entry(for: [x, filterShape]) { () throws(SurgeonError) in
      guard
        let entry = try this.makeEntry(
          call, x, filterShape,
          hasBias: this.hasBias || this.isScaled)
      else { return nil }
      return try this.prepare(entry, call, x)
    }
    return last
  }

  private func prepare(
    _ entry: Entry, _ call: KernelCall, _ inputShape: [Int]
  ) throws(SurgeonError) -> PreparedConvolution? {
    guard
      let operations = try PreparedOperations(
        operations, shape: entry.outputShape, postCount: entry.postCount, call.context)
    else { return nil }
    var constantBias: StridedTensor?
    if hasConstantBias || isScaled {
      guard let bias = try bias(call), bias.count == entry.outputShape[1] else { return nil }
      constantBias = bias
    }
    return PreparedConvolution(
      entry, inputShape: inputShape, kind: kind, takesBias: hasBias && constantBias == nil,
      bias: constantBias, operations: operations)
  }

  /// Takes a multiplication or an addition for each channel of the result into the weights; false
  /// where it is none or the weights are not constant.
  mutating func absorb(_ operation: FusedOperation) -> Bool {
    guard let weights = foldable, operations.isEmpty else { return false }
    var line = ChannelLine(
      channels: weights.shape[0], rank: weights.shape.count, factors: factors.output,
      summands: summands)
    guard line.append(operation) else { return false }
    (factors.output, summands) = (line.factors, line.summands)
    return true
  }

  /// Takes multiplications and additions for each channel of the input into weights and bias; false
  /// where there is something else among them, and where windows read zeros beside the input, to
  /// which nothing is done.
  mutating func absorb(before operations: [FusedOperation]) -> Bool {
    guard let weights = foldable, !isScaled, isWithoutPadding else { return false }
    let groups = node.int("group", default: 1)
    guard groups > 0, weights.shape[0] % groups == 0 else { return false }
    var line = ChannelLine<Double>(
      channels: weights.shape[1] * groups, rank: weights.shape.count)
    guard operations.allSatisfy({ line.append($0) }) else { return false }
    if let shift = line.summands {
      guard let sums = Self.results(of: weights, groups: groups, where: shift) else { return false }
      summands = sums
    }
    factors.input = line.factors?.map { Float($0) }
    factors.groups = groups
    return true
  }

  /// What each output channel is where every element of an input channel is the same.
  private static func results(
    of weights: Tensor, groups: Int, where channels: [Double]
  ) -> [Float]? {
    let (taps, width) = (weights.shape[2...].reduce(1, *), weights.shape[1])
    let perGroup = weights.shape[0] / groups
    let lineSize = width * taps * MemoryLayout<Float>.stride
    guard weights.elementType == .float32, let bytes = try? weights.bytes(),
      bytes.count >= weights.shape[0] * lineSize
    else { return nil }
    var sums = Array(repeating: 0.0, count: weights.shape[0])
    for group in 0..<groups {
      let factors = channels[group * width..<(group + 1) * width].flatMap {
        repeatElement($0, count: taps)
      }
      bytes.withUnsafeBytes { numbers in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let first = numbers.baseAddress, let target = sums.baseAddress else { return }
          ck_weighted_lines(
            Int64(perGroup), Int64(factors.count), first + group * perGroup * lineSize, factors,
            target + group * perGroup)
        }
      }
    }
    return sums.map { Float($0) }
  }

  /// The weights, where numbers may go into them and into the bias; nil otherwise.
  private var foldable: Tensor? {
    guard !isTransposed, !hasBias || hasConstantBias, let weights = constantWeights,
      weights.shape.count >= 3
    else { return nil }
    return weights
  }

  private var isWithoutPadding: Bool {
    ["NOTSET", "VALID"].contains(node.string("auto_pad", default: "NOTSET"))
      && (node.ints("pads") ?? []).allSatisfy { $0 == 0 }
  }

  /// The convolution of a single position, with operations after it; nil where it is another one.
  func layer(
    with operations: [FusedOperation]
  ) throws(SurgeonError) -> SqueezeExcitation.Layer? {
    guard let weights = foldable, !isScaled, node.int("group", default: 1) == 1,
      isWithoutPadding
    else { return nil }
    return try SqueezeExcitation.Layer(
      weights: weights, bias: hasBias ? node.constants[2] : nil, operations: operations)
  }

  /// The bias with what was fused; nil where there is none, or it is no Float32 tensor.
  private func bias(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    let own = hasBias ? try call.strided(2, .rowMajor) : nil
    guard isScaled, let weights = constantWeights else { return own }
    guard !hasBias || own != nil else { return nil }
    let channels = weights.shape[0]
    let result = try call.result([channels], .rowMajor)
    withExtendedLifetime((own, result)) {
      for channel in 0..<channels {
        let given = own.map { $0.base[channel] } ?? 0
        result.base[channel] = given * (factors.output?[channel] ?? 1) + (summands?[channel] ?? 0)
      }
    }
    return result
  }

  /// Nil where oneDNN has no fast implementation whose bits any number of threads computes.
  private func makeEntry(
    _ call: KernelCall, _ x: [Int], _ filterShape: [Int], hasBias: Bool
  ) throws(SurgeonError) -> Entry? {
    let own = KernelCall(node: node, inputs: [], context: call.context)
    let geometry =
      isTransposed
      ? try ConvTranspose.geometry(own, x, filterShape)
      : try ConvolutionShape(own, x, filterShape).geometry
    guard geometry.outputPlane > 0, geometry.inputChannels > 0, geometry.outputChannels > 0 else {
      return nil
    }
    let outputShape = [x[0], geometry.groups * geometry.outputChannels] + geometry.output
    let trimmed = geometry.withoutTrivialEnd
    // oneDNN has generated code for images whose channels are by themselves, but not for rows.
    let isRow = trimmed.kernel.count == 1 && geometry.inputChannels == 1 && geometry.groups > 1
    let compact = isRow ? trimmed.asImage : trimmed
    func seen(_ shape: [Int]) -> [Int] {
      isRow ? [shape[0], shape[1], 1, shape[2]] : Array(shape[..<(2 + compact.kernel.count)])
    }
    let (x, filterShape, shape) = (seen(x), seen(filterShape), seen(outputShape))
    let positions = isTransposed ? geometry.inputPlane : geometry.outputPlane
    let work = positions * geometry.taps * geometry.inputChannels * shape[1] * x[0]
    let threads = ThreadPlan(call.threads, isShared: work / 32 >= ThreadPool.worthSharing)
    OneDNN.use(threads: threads.planned)
    var best: (primitive: Primitive, postCount: Int)?
    for postCount in postCounts(shape: shape) {
      guard best == nil || best?.postCount != postCount,
        let primitive = compile(
          compact, x, filterShape, shape, hasBias: hasBias, postCount: postCount),
        !primitive.isSlow, !primitive.isMatrixProduct
      else { continue }
      // A second operand may cost the better implementation; then adding it is a pass of its own.
      if best == nil || primitive.isBatched { best = (primitive, postCount) }
      if primitive.isBatched { break }
    }
    guard let best else { return nil }
    var entry = Entry(
      primitive: best.primitive, outputShape: outputShape, threads: threads,
      filterShape: filterShape)
    entry.postCount = best.postCount
    if let constantWeights {
      entry.weights = try ConstantWeights(
        constantWeights, by: factors, shape: filterShape, for: best.primitive, as: kind,
        call.context)
    }
    return entry
  }

  /// How many operations to give to oneDNN, most first: with and without a second operand.
  private func postCounts(shape: [Int]) -> [Int] {
    let possible = operations.prefix(Int(DL_POST_OPS)).prefix {
      $0.postOperation(shape: shape) != nil
    }
    let unary = possible.prefix { $0.operand == nil }
    return possible.count == unary.count ? [unary.count, 0] : [possible.count, unary.count, 0]
  }

  private func compile(
    _ geometry: ConvolutionGeometry, _ x: [Int], _ weights: [Int], _ shape: [Int], hasBias: Bool,
    postCount: Int
  ) -> Primitive? {
    var window = dl_window(geometry, isTransposed: isTransposed)
    var (source, target) = (dl_layout(x, .channelsLast), dl_layout(shape, .channelsLast))
    var wanted = dl_layout.any(weights)
    var post = dl_post_ops()
    post.count = Int32(postCount)
    withUnsafeMutableBytes(of: &post.ops) { raw in
      let ops = raw.assumingMemoryBound(to: dl_post_op.self)
      for (index, operation) in operations.prefix(postCount).enumerated() {
        if let op = operation.postOperation(shape: shape) { ops[index] = op }
      }
    }
    let (groups, bias) = (Int64(geometry.groups), Int32(hasBias ? 1 : 0))
    return Primitive {
      isTransposed
        ? dl_deconvolution(&source, &wanted, groups, bias, &target, &window, &post, $0)
        : dl_convolution(&source, &wanted, groups, bias, &target, &window, &post, $0)
    }
  }

  private var kind: PackedWeights.Kind {
    .convolution(groups: node.int("group", default: 1), isTransposed: isTransposed)
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
