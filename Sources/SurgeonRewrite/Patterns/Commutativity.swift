/// Operators of the standard whose inputs may stand in any order.
enum Commutativity {
  private static let opTypes: Set<String> = [
    "Add", "Mul", "Max", "Min", "Sum", "Mean", "And", "Or", "Xor", "Equal", "BitwiseAnd",
    "BitwiseOr", "BitwiseXor",
  ]

  static func holds(for op: OpPattern) -> Bool {
    op.domain == "" && op.inputs.count > 1 && !op.opTypes.isEmpty
      && op.opTypes.allSatisfy(opTypes.contains)
  }
}
