internal import SurgeonIR

/// RNN, GRU, LSTM: X [length, batch, input], W [directions, gates * hidden, input],
/// R [directions, gates * hidden, hidden]; with layout = 1 (opset 14 on) the batch stands first.
enum Recurrent {
  static func layer(_ node: inout NodeInference) throws(SurgeonError) {
    for output in 0..<3 { node.set(output, node.elementType(0), nil) }
    try node.requireRank(0, 3...3)
    let isBatchFirst = node.int("layout", default: 0) == 1
    let x = node.shape(0)
    let directions = Dimension.known(node.string("direction") == "bidirectional" ? 2 : 1)
    let length = x?[isBatchFirst ? 1 : 0] ?? .unknown
    let batch = x?[isBatchFirst ? 0 : 1] ?? .unknown
    var hidden = node.int("hidden_size").map { Dimension.known($0) } ?? .unknown
    if let r = node.shape(2), r.rank == 3 {
      hidden = try node.unify(hidden, r[2], "\(node.describe(2)) is not for hidden_size")
    }
    let all =
      isBatchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden]
    let last = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    // In opset 1 the first output could be switched off.
    if node.opset > 1 || node.int("output_sequence", default: 0) == 1 || node.node.output(0) != nil
    {
      node.set(0, node.elementType(0), all)
    }
    node.set(1, node.elementType(0), last)
    node.set(2, node.elementType(0), last)
  }
}
