internal import SurgeonIR

/// What it takes to run some nodes, estimated from types: products count their multiplications,
/// everything else its elements.
enum PieceCost {
  /// What an element that is drawn, moved and compared takes, in multiplications of a product.
  private static let elementWeight = 8

  /// Scalar operations; as many as an Int holds where a body runs an unknown number of times.
  static func operations(
    in nodes: [Node.ID], types: TypeSource, _ model: borrowing Model
  ) -> Int {
    var total = 0
    for node in nodes {
      guard model[node].bodies.isEmpty, model.function(calledBy: node) == nil else { return .max }
      let results = model[node].outputs.compactMap { $0 }.map { count($0, types, model) }
      let operands = model[node].inputs.compactMap { $0 }.map { count($0, types, model) }
      let result = results.max() ?? 0
      total = add(total, multiply(elementWeight, operands.reduce(result, add)))
      guard let weight = model[node].input(1) else { continue }
      switch model[node].opType {
      case "Conv", "ConvTranspose", "Gemm", "MatMul":
        // Each element of the result sums over the weight without its outermost axis; of a
        // matrix, the smaller of its sizes is no more than that.
        let sizes =
          types.type(of: weight, in: model)?.shape?.dimensions.map { $0.value ?? 64 } ?? []
        let inner = sizes.count == 2 ? sizes.max() ?? 1 : sizes.dropFirst().reduce(1, multiply)
        total = add(total, multiply(result, inner))
      default: continue
      }
    }
    return total
  }

  /// Elements of a value; sizes that nothing fixes are those of random inputs.
  private static func count(
    _ value: Value.ID, _ types: TypeSource, _ model: borrowing Model
  ) -> Int {
    if let tensor = model[value].initializer { return tensor.count }
    guard let shape = types.type(of: value, in: model)?.shape else { return 0 }
    return shape.dimensions.enumerated().reduce(1) { product, dimension in
      multiply(product, dimension.element.value ?? (dimension.offset == 0 ? 1 : 64))
    }
  }

  private static func add(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  private static func multiply(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
  }
}
