internal import SurgeonIR

extension MatrixProducts {
  /// Einsum: "bij,bjk->bik"; without an arrow the letters that stand once, in alphabetical order.
  static func einsum(_ node: inout NodeInference) throws(SurgeonError) {
    let elementType = try node.commonElementType(0..<node.inputCount)
    node.set(elementType, nil)
    let equation = (node.string("equation") ?? "").filter { $0 != " " }
    let sides = equation.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == node.inputCount else {
      throw node.error("the equation '\(equation)' has \(terms.count) terms")
    }
    var sizes: [Character: Dimension] = [:]
    var broadcast = Shape([Int]())
    for (input, term) in terms.enumerated() {
      guard let shape = node.shape(input) else { return }
      try read(term, of: shape, input: input, &sizes, &broadcast, node)
    }
    let output =
      sides.count == 2
      ? String(sides[1].dropFirst()) : implicitOutput(of: terms, equation: sides[0])
    var dimensions: [Dimension] = []
    var letters = Substring(output)
    while let letter = letters.popFirst() {
      if letter == "." {
        letters = letters.drop { $0 == "." }
        dimensions += broadcast.dimensions
      } else if let size = sizes[letter] {
        dimensions.append(size)
      } else {
        throw node.error("'\(letter)' of the result stands in no term of '\(equation)'")
      }
    }
    node.set(elementType, dimensions)
  }

  /// Binds the letters of one term to the dimensions of its input.
  private static func read(
    _ term: Substring, of shape: Shape, input: Int, _ sizes: inout [Character: Dimension],
    _ broadcast: inout Shape, _ node: borrowing NodeInference
  ) throws(SurgeonError) {
    let letters = term.filter { $0 != "." }
    let hasEllipsis = letters.count != term.count
    guard letters.count <= shape.rank, hasEllipsis || letters.count == shape.rank else {
      throw node.error("the term '\(term)' does not fit \(node.describe(input))")
    }
    let extra = shape.rank - letters.count
    let before = term.prefix { $0 != "." }.count
    if hasEllipsis {
      let middle = Shape(Array(shape.dimensions[before..<before + extra]))
      guard let merged = Shape.broadcast(broadcast, middle) else {
        throw node.error("the ellipses of the terms do not broadcast; \(node.describe(input))")
      }
      broadcast = merged
    }
    for (position, letter) in letters.enumerated() {
      let dimension = shape[position < before ? position : position + extra]
      guard let known = sizes[letter] else {
        sizes[letter] = dimension
        continue
      }
      guard let unified = Dimension.broadcast(known, dimension) else {
        throw node.error("'\(letter)' has another size in \(node.describe(input))")
      }
      sizes[letter] = unified
    }
  }

  private static func implicitOutput(of terms: [Substring], equation: Substring) -> String {
    let letters = terms.joined().filter { $0 != "." }
    let single = letters.filter { letter in letters.count { $0 == letter } == 1 }.sorted()
    return (equation.contains(".") ? "..." : "") + String(single)
  }
}
