internal import SurgeonIR
internal import SurgeonShapes

/// What it takes to run some nodes, estimated from types: products count their multiplications,
/// everything else its elements.
enum PieceCost {
  /// What an element that is drawn, moved and compared takes, in multiplications of a product.
  private static let elementWeight = 8.0
  /// More than any budget that is not unlimited.
  private static let most = 1 << 62

  /// Scalar operations; as many as an Int holds where a body runs an unknown number of times.
  ///
  /// Products that nobody counts, or whose sizes are not known, count with their elements alone.
  static func operations(
    in nodes: [Node.ID], types: TypeSource, _ model: borrowing Model
  ) -> Int {
    var total = 0.0
    for node in nodes {
      guard model[node].bodies.isEmpty, model.function(calledBy: node) == nil else { return .max }
      let record = model[node]
      let model = copy model
      let sizes = { (value: Value.ID) in Self.sizes(of: value, types, model) }
      func count(_ value: Value.ID) -> Double {
        sizes(value)?.reduce(1) { $0 * Double($1) } ?? 0
      }
      let results = record.outputs.compactMap { $0 }.map(count)
      let operands = record.inputs.compactMap { $0 }.map(count)
      total += elementWeight * operands.reduce(results.max() ?? 0, +)
      total += OperatorWork.multiplications(of: record, sizes: sizes) ?? 0
    }
    return Int(exactly: total) ?? most
  }

  /// Sizes that nothing fixes are those of random inputs.
  private static func sizes(
    of value: Value.ID, _ types: TypeSource, _ model: borrowing Model
  ) -> [Int]? {
    if let tensor = model[value].initializer { return tensor.shape }
    return types.type(of: value, in: model)?.shape?.dimensions.enumerated().map {
      $1.value ?? ($0 == 0 ? 1 : 64)
    }
  }
}
