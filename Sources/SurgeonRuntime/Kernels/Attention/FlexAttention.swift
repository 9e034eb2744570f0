internal import SurgeonIR

/// FlexAttention (ai.onnx.preview): softmax(scale Q K^T) V over heads, with graphs that change the
/// scores and the probabilities.
enum FlexAttention: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let node = call.node
    let (q, k, v) = (try call.tensor(0), try call.tensor(1), try call.tensor(2))
    guard q.shape.count == 4, k.shape.count == 4, v.shape.count == 4, q.shape[0] == k.shape[0],
      k.shape[..<3] == v.shape[..<3], q.shape[3] == k.shape[3], k.shape[1] > 0,
      q.shape[1] % k.shape[1] == 0
    else { throw call.failure("Q, K and V do not fit together") }
    let root = (node.float("scale") ?? 1 / Double(q.shape[3]).squareRoot()).squareRoot()
    var scores = try product(
      call, try scaled(call, q, root, as: T.self),
      try Movement.transposed(
        try shared(call, try scaled(call, k, root, as: T.self), heads: q.shape[1]), [0, 1, 3, 2],
        call), as: T.self)
    let precision = try node.elementType("softmax_precision").map(call.runtimeType) ?? T.elementType
    scores = try modified(call, "score_mod", try Casting.convert(scores, to: precision, call))
    let softmax = KernelCall(
      node: node, inputs: [.tensor(scores)], context: call.context, frame: call.frame)
    guard case .tensor(var weights)? = try real(RowSoftmax.self)(softmax)[0] else { return [] }
    weights = try modified(call, "prob_mod", weights)
    let values = try shared(call, v, heads: q.shape[1])
    return [
      .tensor(
        try product(
          call, try Casting.convert(weights, to: T.elementType, call), values, as: T.self))
    ]
  }

  private static func scaled<T: Real>(
    _ call: KernelCall, _ tensor: Tensor, _ factor: Double, as type: T.Type
  ) throws(SurgeonError) -> Tensor {
    let x = try tensor.view(as: T.self)
    let y = try call.output(x.shape, of: T.self)
    for index in 0..<x.count { y[index] = x[index] * T(factor) }
    return y.tensor
  }

  /// Every head of keys or values once for each query head that shares it.
  private static func shared(
    _ call: KernelCall, _ tensor: Tensor, heads: Int
  ) throws(SurgeonError) -> Tensor {
    let own = tensor.shape[1]
    return try call.mapped(tensor, [nil, (0..<heads).map { $0 / (heads / own) }, nil, nil])
  }

  private static func product<T: Real>(
    _ call: KernelCall, _ left: Tensor, _ right: Tensor, as type: T.Type
  ) throws(SurgeonError) -> Tensor {
    guard case .tensor(let product) = try MatMul.product(left, right, call, as: T.self) else {
      throw call.failure("the factors do not multiply")
    }
    return product
  }

  /// What the graph in attribute `name` makes of `tensor`; `tensor` itself where there is none.
  private static func modified(
    _ call: KernelCall, _ name: String, _ tensor: Tensor
  ) throws(SurgeonError) -> Tensor {
    guard call.node.bodies[name] != nil else { return tensor }
    let results = try call.run(body: name, [.tensor(tensor)])
    guard case .tensor(let result)? = try results.first?.plain(), result.shape == tensor.shape
    else { throw call.failure("the graph in '\(name)' does not keep the shape \(tensor.shape)") }
    return result
  }

  private enum RowSoftmax: RealOperator {
    static func run<T: Real>(
      _ call: KernelCall, as type: T.Type
    ) throws(SurgeonError) -> [Datum?] {
      let x = try call.tensor(0).view(as: T.self)
      let y = try call.output(x.shape, of: T.self)
      let length = x.shape.last ?? 1
      guard length > 0 else { return [y.datum] }
      for row in 0..<(x.count / length) {
        Softmax.apply(
          Row(base: x.base + row * length, out: y.base + row * length, count: length, stride: 1))
      }
      return [y.datum]
    }
  }
}
