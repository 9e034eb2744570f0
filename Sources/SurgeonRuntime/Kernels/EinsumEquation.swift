internal import SurgeonIR

/// What the equation of an Einsum says of operands of given shapes: its letters (an ellipsis stands
/// for as many as it covers), those of the output first.
struct EinsumEquation {
  private(set) var sizes: [Int] = []
  private(set) var outputShape: [Int] = []
  /// The letter of each axis of each operand.
  private(set) var letters: [[Int]] = []
  /// How far each operand's and the output's position moves with each letter.
  private(set) var strides: [[Int]] = []
  private(set) var outputStrides: [Int] = []

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
    let all = output + summed
    sizes = all.map { sizeOf[$0] ?? 1 }
    outputShape = output.map { sizeOf[$0] ?? 1 }
    letters = labels.map { names in names.map { all.firstIndex(of: $0) ?? 0 } }
    outputStrides = Self.strides(output, outputShape, all)
    strides = zip(labels, shapes).map { Self.strides($0, $1, all) }
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
