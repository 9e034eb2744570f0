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
    let plan = try Plan(call, operands.map(\.shape))
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

  /// The letters (an ellipsis stands for as many as it covers), output letters first.
  private struct Plan {
    var sizes: [Int] = []
    var outputShape: [Int] = []
    /// How far each operand's and the output's position moves with each letter.
    var strides: [[Int]] = []
    var outputStrides: [Int] = []

    init(_ call: KernelCall, _ shapes: [[Int]]) throws(SurgeonError) {
      let equation = call.node.string("equation", default: "").filter { !$0.isWhitespace }
      let sides = equation.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
      guard terms.count == shapes.count, sides.count == 1 || sides[1].hasPrefix(">") else {
        throw call.failure("equation '\(equation)' does not fit \(shapes.count) operands")
      }
      var labels: [[String]] = []
      for (term, shape) in zip(terms, shapes) {
        labels.append(try Self.labels(String(term), rank: shape.count, call))
      }
      let output: [String]
      if sides.count == 2 {
        let rank = labels.flatMap { $0 }.filter { $0.hasPrefix(".") }
        let covered = Set(rank).count
        let right = String(sides[1].dropFirst())
        output = try Self.labels(
          right, rank: right.filter(\.isLetter).count + (right.contains(".") ? covered : 0), call)
      } else {
        let all = labels.flatMap { $0 }
        let once = Dictionary(grouping: all, by: { $0 }).filter { $0.value.count == 1 }.keys
        let dots = Set(all.filter { $0.hasPrefix(".") }).sorted().reversed()
        output = Array(dots) + once.filter { !$0.hasPrefix(".") }.sorted()
      }
      var sizeOf: [String: Int] = [:]
      for (names, shape) in zip(labels, shapes) {
        for (name, size) in zip(names, shape) {
          let known = sizeOf[name] ?? 1
          guard known == size || known == 1 || size == 1 else {
            throw call.failure("index '\(name)' is both \(known) and \(size)")
          }
          sizeOf[name] = known == 1 ? size : known
        }
      }
      guard output.allSatisfy({ sizeOf[$0] != nil }), Set(output).count == output.count else {
        throw call.failure("the output of '\(equation)' names an index that no operand has")
      }
      let summed = sizeOf.keys.filter { !output.contains($0) }.sorted()
      let letters = output + summed
      sizes = letters.map { sizeOf[$0] ?? 1 }
      outputShape = output.map { sizeOf[$0] ?? 1 }
      outputStrides = Self.strides(output, outputShape, letters)
      strides = zip(labels, shapes).map { Self.strides($0, $1, letters) }
    }

    /// Letters as themselves; the axes under an ellipsis as ".k", counted from the right.
    private static func labels(
      _ term: String, rank: Int, _ call: KernelCall
    ) throws(SurgeonError) -> [String] {
      let letters = term.filter(\.isLetter).count
      let covered = term.contains("...") ? rank - letters : 0
      guard covered >= 0, letters + covered == rank else {
        throw call.failure("'\(term)' does not fit an operand of rank \(rank)")
      }
      var labels: [String] = []
      var rest = term[...]
      while let first = rest.first {
        if rest.hasPrefix("...") {
          labels += (0..<covered).reversed().map { ".\($0)" }
          rest = rest.dropFirst(3)
        } else if first.isLetter {
          labels.append(String(first))
          rest = rest.dropFirst()
        } else {
          throw call.failure("'\(term)' is no term of an equation")
        }
      }
      return labels
    }

    /// An index that occurs twice walks the diagonal; an axis of size 1 is broadcast.
    private static func strides(_ names: [String], _ shape: [Int], _ letters: [String]) -> [Int] {
      var result = [Int](repeating: 0, count: letters.count)
      var stride = 1
      for (name, size) in zip(names, shape).reversed() {
        if size > 1, let letter = letters.firstIndex(of: name) { result[letter] += stride }
        stride *= size
      }
      return result
    }
  }
}
