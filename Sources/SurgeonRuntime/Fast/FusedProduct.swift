internal import SurgeonIR

/// A product with a constant matrix and the elementwise operators after it.
struct FusedProduct: Sendable {
  private enum Product: Sendable {
    case gemm(FastGemm)
    case matMul(FastMatMul)
  }

  private var product: Product
  /// Done to each result, in this order.
  var operations: [FusedOperation] = []
  /// The operations where no operand is to come, for results of one shape.
  private var constant: (shape: [Int], chain: ElementwiseChain)?

  /// Nil where the node is no such product.
  init?(_ node: NodeDescription) {
    guard node.constants.count > 1, node.constants[1]?.shape.count == 2 else { return nil }
    switch node.opType {
    case "Gemm":
      guard let gemm = FastGemm(node) else { return nil }
      product = .gemm(gemm)
    case "MatMul":
      guard let matMul = FastMatMul(node) else { return nil }
      product = .matMul(matMul)
    default: return nil
    }
  }

  var weightBytes: Int {
    switch product {
    case .gemm(let gemm): gemm.weightBytes
    case .matMul(let matMul): matMul.weightBytes
    }
  }

  mutating func prepare(_ call: KernelCall) throws(SurgeonError) {
    switch product {
    case .gemm(var gemm):
      try gemm.prepare(call)
      product = .gemm(gemm)
    case .matMul(var matMul):
      try matMul.prepare(call)
      product = .matMul(matMul)
    }
  }

  /// The result, or nil where only the parts one by one can compute it.
  mutating func multiply(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    guard let y = try result(call) else { return nil }
    if constant?.shape != y.shape {
      guard let chain = try ElementwiseChain(operations, shape: y.shape, call) else { return nil }
      guard operations.allSatisfy({ $0.slot == nil }) else {
        return try chain.run(y, shape: y.shape, .rowMajor, call.context, into: y)
      }
      constant = (y.shape, chain)
    }
    return try constant?.chain.run(y, shape: y.shape, .rowMajor, call.context, into: y)
  }

  private mutating func result(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    let results: [RuntimeValue?]?
    switch product {
    case .gemm(var gemm):
      results = try gemm.run(call)
      product = .gemm(gemm)
    case .matMul(var matMul):
      results = try matMul.run(call)
      product = .matMul(matMul)
    }
    guard case .layout(let layout)?? = results?.first else { return nil }
    return layout as? StridedTensor
  }
}
