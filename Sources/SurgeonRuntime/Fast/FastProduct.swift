internal import CDnnlLoader
internal import CKernels
internal import SurgeonIR

/// A product prepared for one pair of shapes, with its right factor rearranged where constant.
struct FastProduct {
  let primitive: Primitive
  private var weights: ConstantWeights?

  /// - Parameters:
  ///   - right: the right factor as the product takes it.
  ///   - rows: those of the result, over all its matrices.
  ///   - constant: the same where it is a constant, before a transposition.
  /// - Returns: nil where oneDNN has no fast implementation with the same bits for any number of
  ///   threads.
  init?(
    left: dl_layout, right: dl_layout, shape: [Int], constant: Tensor?, isTransposed: Bool = false,
    bias: dl_layout, result: dl_layout, rows: Int, _ context: ExecutionContext
  ) throws(SurgeonError) {
    var (left, bias, result, post) = (left, bias, result, dl_post_ops())
    var factor = constant == nil ? right : dl_layout.any(shape)
    let made = Primitive { dl_matmul(&left, &factor, &bias, &result, &post, $0) }
    // One thread computes a few rows as fast as memory can be read; of more of them this package's
    // product shares the work without sharing a sum.
    guard let made, !made.isSlow, !made.isMatrixProduct || rows <= 16 else { return nil }
    primitive = made
    if let constant {
      weights = try ConstantWeights(
        constant, shape: constant.shape, for: made, as: .factor(isTransposed: isTransposed), context
      )
    }
  }

  func execute(
    _ left: StridedTensor, _ right: StridedTensor?, bias: StridedTensor?,
    into result: StridedTensor, _ context: ExecutionContext
  ) throws(SurgeonError) {
    let weights = try weights?.packed(context)
    var addresses = [left.address]
    if let factor = weights?.address ?? right?.address { addresses.append(factor) }
    if let bias { addresses.append(bias.address) }
    addresses.append(result.address)
    let scratch = try primitive.scratch(context)
    if primitive.isMatrixProduct { OneDNN.use(threads: 1) }
    // The addresses do not keep what they point to alive.
    let status = withExtendedLifetime((left, weights, right, bias, result)) {
      primitive.execute(addresses, scratch: scratch)
    }
    try primitive.check(status)
  }
}

/// The matrix product of stacks of matrices.
struct FastMatMul: FastKernel {
  private let constant: Tensor?
  private var cache = PrimitiveCache<[[Int]], FastProduct?>()
  private var last: PreparedProduct?

  init?(_ node: NodeDescription) {
    constant = node.constants.count > 1 ? node.constants[1] : nil
  }

  var weightBytes: Int {
    guard let constant, constant.shape.count == 2 else { return 0 }
    return constant.count * MemoryLayout<Float>.stride
  }

  mutating func prepare(_ call: KernelCall) throws(SurgeonError) {
    guard let constant, constant.shape.count == 2, let a = call.float32Shape(0),
      (2...6).contains(a.count), a.allSatisfy({ $0 > 0 }), a.last == constant.shape[0]
    else { return }
    let x = [a.dropLast().reduce(1, *), constant.shape[0]]
    _ = try product(x, dl_layout(), constant.shape, constant: constant, call.context)
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    if let last, let x = try call.strided(0), last.takes(x) {
      return [.layout(try last.run(x, call.context))]
    }
    guard let a = try call.strided(0, .rowMajor), let b = try call.strided(1, .rowMajor),
      a.shape.count >= 2, b.shape.count >= 2, a.shape.count <= 6, b.shape.count <= 6,
      a.count > 0, b.count > 0, a.shape.last == b.shape[b.shape.count - 2]
    else { return nil }
    let stack = try Sizes.broadcast(a.shape.dropLast(2), b.shape.dropLast(2))
    var (left, right) = (a, b)
    let shape = stack + [a.shape[a.shape.count - 2], b.shape[b.shape.count - 1]]
    var matrixShape = shape
    if b.shape.count == 2 {
      // A stack times one matrix is one product of more rows.
      let rows = a.shape.dropLast().reduce(1, *)
      left = a.view(shape: [rows, a.shape[a.shape.count - 1]], strides: [b.shape[0], 1])
      matrixShape = [rows, b.shape[1]]
    } else {
      left = Self.padded(a, rank: shape.count)
      right = Self.padded(b, rank: shape.count)
    }
    let constant = b.shape.count == 2 ? constant : nil
    if let constant,
      let small = try SmallProduct(
        constant, isTransposed: false, bias: nil, rows: matrixShape[0], call.context)
    {
      let prepared = PreparedProduct(inputShape: a.shape, resultShape: shape, small)
      last = prepared
      return [.layout(try prepared.run(a, call.context))]
    }
    let found = try product(
      left.shape, dl_layout(right), right.shape, target: matrixShape, constant: constant,
      call.context)
    guard let found else { return nil }
    if constant != nil {
      last = PreparedProduct(inputShape: a.shape, resultShape: shape, found, bias: nil)
    }
    let y = try call.result(shape, .rowMajor)
    try found.execute(left, right, bias: nil, into: y, call.context)
    return [.layout(y)]
  }

  /// - Parameter target: the result's shape; that of a product of two matrices where it is nil.
  private mutating func product(
    _ left: [Int], _ right: dl_layout, _ factor: [Int], target: [Int]? = nil, constant: Tensor?,
    _ context: ExecutionContext
  ) throws(SurgeonError) -> FastProduct? {
    let target = target ?? [left[0], factor[1]]
    return try cache.entry(for: [left, factor]) { () throws(SurgeonError) in
      try FastProduct(
        left: dl_layout(left, .rowMajor), right: right, shape: factor, constant: constant,
        bias: dl_layout(), result: dl_layout(target, .rowMajor),
        rows: target.dropLast().reduce(1, *), context)
    }
  }

  private static func padded(_ tensor: StridedTensor, rank: Int) -> StridedTensor {
    let shape = Array(repeating: 1, count: rank - tensor.shape.count) + tensor.shape
    return tensor.view(shape: shape, strides: Arrangement.rowMajor.strides(for: shape))
  }
}

/// alpha A' B' + beta C. Where both factors are 1 and C is a row, it is added as the product's bias.
struct FastGemm: FastKernel {
  private let constant: Tensor?
  private let transposesA: Bool
  private let transposesB: Bool
  private let alpha: Float
  private let beta: Float
  private let constantBias: Tensor?
  private var cache = PrimitiveCache<[[Int]], FastProduct?>()
  private var last: PreparedProduct?

  init?(_ node: NodeDescription) {
    guard node.opset >= 7 else { return nil }
    alpha = Float(node.float("alpha", default: 1))
    beta = Float(node.float("beta", default: 1))
    constant = node.constants.count > 1 ? node.constants[1] : nil
    constantBias = node.constants.count > 2 ? node.constants[2] : nil
    transposesA = node.flag("transA")
    transposesB = node.flag("transB")
  }

  var weightBytes: Int { constant.map { $0.count * MemoryLayout<Float>.stride } ?? 0 }

  mutating func prepare(_ call: KernelCall) throws(SurgeonError) {
    guard let constant, !transposesA, let a = call.float32Shape(0), a.count == 2, a[0] > 0,
      constant.shape.count == 2, constant.count > 0
    else { return }
    let factor = transposesB ? constant.shape.reversed() : constant.shape
    guard a[1] == factor[0] else { return }
    _ = try product(
      dl_layout(a, .rowMajor), a, nil, factor,
      hasBias: isBias(call.has(2) ? call.float32Shape(2) : nil, columns: factor[1]), call.context)
  }

  private func isBias(_ shape: [Int]?, columns: Int) -> Bool {
    guard let shape, alpha == 1, beta == 1 else { return false }
    return shape.last == columns && shape.reduce(1, *) == columns
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    if let last, let x = try call.strided(0), last.takes(x) {
      return [.layout(try last.run(x, call.context))]
    }
    guard var a = try call.strided(0, .rowMajor), let given = call.float32Shape(1),
      a.shape.count == 2, given.count == 2, a.count > 0, given[0] > 0, given[1] > 0
    else { return nil }
    if transposesA { a = a.view(shape: a.shape.reversed(), strides: a.strides.reversed()) }
    let factorShape = transposesB ? given.reversed() : given
    let shape = [a.shape[0], factorShape[1]]
    guard a.shape[1] == factorShape[0] else { return nil }
    let bias = try call.strided(2, .rowMajor)
    if call.has(2) {
      guard let bias, bias.count > 0, try Sizes.broadcast(bias.shape, shape) == shape else {
        return nil
      }
    }
    let isBias = isBias(bias?.shape, columns: shape[1])
    // Nothing but the first input changes from call to call.
    let isSteady =
      constant != nil && !transposesA && alpha == 1
      && (bias == nil || (isBias && constantBias != nil))
    if isSteady, let constant,
      let small = try SmallProduct(
        constant, isTransposed: transposesB, bias: bias, rows: shape[0], call.context)
    {
      let prepared = PreparedProduct(inputShape: a.shape, resultShape: shape, small)
      last = prepared
      return [.layout(try prepared.run(a, call.context))]
    }
    let right = constant == nil ? try factor(call) : nil
    let found = try product(
      dl_layout(a), a.shape, right, factorShape, hasBias: isBias, call.context)
    guard let found else { return nil }
    if isSteady {
      last = PreparedProduct(inputShape: a.shape, resultShape: shape, found, bias: bias)
    }
    let y = try call.result(shape, .rowMajor)
    try found.execute(a, right, bias: isBias ? bias : nil, into: y, call.context)
    var steps: [ElementwiseChain.Step] = []
    if alpha != 1 { steps.append(.init(op: CK_LINEAR, alpha: alpha)) }
    if let bias, !isBias {
      let addend =
        beta == 1
        ? bias
        : try ElementwiseChain(steps: [.init(op: CK_LINEAR, alpha: beta)])
          .run(bias, shape: bias.shape, .rowMajor, call.context)
      steps.append(.init(op: CK_ADD, operand: addend))
    }
    guard !steps.isEmpty else { return [.layout(y)] }
    return [
      .layout(
        try ElementwiseChain(steps: steps)
          .run(y, shape: shape, .rowMajor, call.context, into: y))
    ]
  }

  private mutating func product(
    _ left: dl_layout, _ leftShape: [Int], _ right: StridedTensor?, _ factor: [Int], hasBias: Bool,
    _ context: ExecutionContext
  ) throws(SurgeonError) -> FastProduct? {
    let (constant, isTransposed) = (constant, transposesB)
    let shape = [leftShape[0], factor[1]]
    return try cache.entry(for: [leftShape, factor, [hasBias ? 1 : 0]]) { () throws(SurgeonError) in
      try FastProduct(
        left: left, right: right.map { dl_layout($0) } ?? .any(factor), shape: factor,
        constant: constant, isTransposed: isTransposed,
        bias: hasBias ? dl_layout([1, shape[1]], .rowMajor) : dl_layout(),
        result: dl_layout(shape, .rowMajor), rows: shape[0], context)
    }
  }

  private func factor(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    guard let b = try call.strided(1, .rowMajor) else { return nil }
    return transposesB ? b.view(shape: b.shape.reversed(), strides: b.strides.reversed()) : b
  }
}
