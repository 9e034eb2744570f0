internal import SurgeonIR

/// Attention and what belongs to it. Queries, keys and values are [batch, heads, length, size], or
/// [batch, length, heads * size] with the numbers of heads as attributes.
enum Attention {
  /// Outputs: Y, present_key, present_value, the scores.
  static func attention(_ node: inout NodeInference) throws(SurgeonError) {
    let types = [0, 0, 2, 0].map { [node] in node.elementType($0) }
    for output in 0..<4 { node.set(output, types[output], nil) }
    for input in 0..<3 { try node.requireRank(input, 3...4) }
    guard let q = node.shape(0), let k = node.shape(1), let v = node.shape(2) else { return }
    guard q.rank == k.rank, k.rank == v.rank else {
      throw node.error("\(node.describe(0)), \(node.describe(1)), \(node.describe(2))")
    }
    let isPacked = q.rank == 3
    let queryHeads = isPacked ? try heads("q_num_heads", of: node) : q[1]
    let keyHeads = isPacked ? try heads("kv_num_heads", of: node) : k[1]
    let queryLength = q[isPacked ? 1 : 2]
    let past = node.shape(4).map { $0.rank == 4 ? $0[2] : .unknown } ?? .known(0)
    let total = Dimension.sum(
      node.has(4) && node.shape(4) == nil ? .unknown : past, k[isPacked ? 1 : 2])
    let keySize = isPacked ? size(k[2], heads: keyHeads) : k[3]
    let valueSize = isPacked ? size(v[2], heads: keyHeads) : v[3]
    node.set(
      0, types[0],
      isPacked
        ? [q[0], queryLength, .product(queryHeads, valueSize)]
        : [q[0], queryHeads, queryLength, valueSize])
    node.set(1, types[1], [q[0], keyHeads, total, keySize])
    node.set(2, types[2], [q[0], keyHeads, total, valueSize])
    node.set(3, types[3], [q[0], queryHeads, queryLength, total])
  }

  private static func heads(
    _ name: String, of node: borrowing NodeInference
  ) throws(SurgeonError) -> Dimension {
    guard let count = node.int(name), count > 0 else {
      throw node.error("inputs of rank 3 need the attribute \(name)")
    }
    return .known(count)
  }

  private static func size(_ packed: Dimension, heads: Dimension) -> Dimension {
    guard let heads = heads.value else { return .unknown }
    return packed.map { $0 / heads }
  }

  /// FlexAttention: rank 4 only.
  static func flexible(_ node: inout NodeInference) throws(SurgeonError) {
    for input in 0..<3 { try node.requireRank(input, 4...4) }
    guard let q = node.shape(0), let v = node.shape(2) else {
      return node.set(node.elementType(0), .ofRank(4))
    }
    node.set(node.elementType(0), [q[0], q[1], q[2], v[3]])
    let size = q.dimensions.dropLast() + [node.shape(1)?[2] ?? .unknown]
    let precision =
      node.elementType(attribute: "softmax_precision")
      ?? (node.elementType(0) == .float64 ? .float64 : .float32)
    for name in ["score_mod", "prob_mod"] {
      guard let body = node.body(name) else { continue }
      node.engine.begin(body, with: [.tensor(precision, Shape(Array(size)))])
      node.engine.infer(body)
    }
  }

  /// LinearAttention: packed [batch, length, heads * size]; the state is [batch, heads, dk, dv].
  static func linear(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(0, node.elementType(0), .ofRank(3))
    node.set(1, node.elementType(3) ?? node.elementType(0), .ofRank(4))
    for input in 0..<3 { try node.requireRank(input, 3...3) }
    guard let q = node.shape(0), let v = node.shape(2) else { return }
    let queryHeads = try heads("q_num_heads", of: node)
    let keyHeads = try heads("kv_num_heads", of: node)
    let valueSize = size(v[2], heads: keyHeads)
    node.set(node.elementType(0), [q[0], q[1], .product(queryHeads, valueSize)])
    node.set(
      1, node.elementType(3) ?? node.elementType(0),
      [q[0], keyHeads, size(q[2], heads: queryHeads), valueSize])
  }
}
