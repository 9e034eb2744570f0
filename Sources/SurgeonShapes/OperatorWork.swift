public import SurgeonIR

/// What the operators cost that are sums of products.
public enum OperatorWork {
  /// How many multiplications a node takes.
  ///
  /// - Parameter sizes: the sizes of a value; nil where they are not known.
  /// - Returns: 0 for an operator that does no more than a few operations for each element; nil where
  ///   sizes are missing, and for operators whose multiplications are not counted here.
  public static func multiplications(of node: Node, sizes: (Value.ID) -> [Int]?) -> Double? {
    guard Model.canonical(node.domain).isEmpty else { return nil }
    func operand(_ slot: Int) -> [Int]? { node.input(slot).flatMap(sizes) }
    var result: [Int]? { node.output(0).flatMap(sizes) }
    switch node.opType {
    // A result takes the weights of its channel, whatever the groups; an element that is transposed
    // gives to as many results as there are weights of its channel.
    case "Conv", "ConvInteger": return product(result, operand(1)?.dropFirst())
    case "QLinearConv": return product(result, operand(3)?.dropFirst())
    case "ConvTranspose": return product(operand(0), operand(1)?.dropFirst())
    case "MatMul", "MatMulInteger", "QLinearMatMul": return product(result, operand(0)?.suffix(1))
    case "Gemm":
      let left = operand(0)
      return product(result, node.int("transA") ?? 0 == 0 ? left?.suffix(1) : left?.prefix(1))
    case "LSTM", "GRU", "RNN", "Einsum", "Attention", "DeformConv", "LinearAttention",
      "FlexAttention", "CausalConvWithState":
      return nil
    default: return 0
    }
  }

  /// All sizes multiplied.
  private static func product(_ elements: [Int]?, _ terms: ArraySlice<Int>?) -> Double? {
    guard let elements, let terms else { return nil }
    return (elements + terms).reduce(1) { $0 * Double($1) }
  }
}
