internal import SurgeonIR

/// Einsum: products of tensors summed over the indices that the output does not name.
///
/// Two operands are matrix products (`EinsumProduct`). Anything else is computed index by index over the
/// space of all letters: the definition itself, for any number of operands.
enum Einsum: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    var operands: [View<T>] = []
    for slot in call.inputs.indices { operands.append(try call.tensor(slot).view(as: T.self)) }
    let plan = try EinsumEquation(call, operands.map(\.shape))
    let y = try call.output(plan.outputShape, of: T.self)
    y.fill(T.zero)
    guard plan.sizes.allSatisfy({ $0 > 0 }) else { return [y.datum] }
    let total = try Sizes.count(plan.sizes)
    if let product = EinsumProduct(
      sizes: plan.sizes, outputCount: plan.outputShape.count, strides: plan.strides)
    {
      try product.run(operands, call, into: y, plan.outputStrides)
      return [y.datum]
    }
    var index = [Int](repeating: 0, count: plan.sizes.count)
    var offsets = [Int](repeating: 0, count: operands.count)
    var target = 0
    for _ in 0..<total {
      var product = T.one
      for (operand, offset) in zip(operands, offsets) {
        product = T.times(product, operand[offset])
      }
      y[target] = T.plus(y[target], product)
      for letter in plan.sizes.indices.reversed() {
        index[letter] += 1
        let step = index[letter] < plan.sizes[letter] ? 1 : 1 - plan.sizes[letter]
        if step < 0 { index[letter] = 0 }
        target += step * plan.outputStrides[letter]
        for operand in operands.indices {
          offsets[operand] += step * plan.strides[operand][letter]
        }
        if step > 0 { break }
      }
    }
    return [y.datum]
  }
}
