internal import SurgeonIR

extension Model {
  /// The operator that makes decisions of numbers, where a value is what one gives: the name of a
  /// Softmax or Sigmoid, say, that nothing but a change of shape or type follows.
  ///
  /// Such a value hardly moves while a decision stays, and jumps where it flips.
  func decidingOperator(behind value: Value.ID) -> String? {
    var value = value
    while let producer = self[value].producer {
      let record = self[producer.node]
      guard Model.canonical(record.domain).isEmpty else { return nil }
      if Self.deciding.contains(record.opType) { return record.opType }
      guard Self.rearranging.contains(record.opType), let input = record.input(0) else {
        return nil
      }
      value = input
    }
    return nil
  }

  private static let deciding: Set<String> = [
    "Softmax", "Sigmoid", "HardSigmoid", "Hardmax", "ArgMax", "ArgMin",
  ]

  private static let rearranging: Set<String> = [
    "Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
  ]
}
