internal import SurgeonIR

// Arithmetic on the numbers of small tensors: what a model does to compute a shape.
extension NodeInference {
  typealias Element = Contents.Element

  /// Gives output 0 the numbers of input 0, each changed by `change`.
  mutating func foldEach(_ change: (Element) -> Element) throws(SurgeonError) {
    guard mayHaveContents(0), let input = try contents(0) else { return }
    set(contents: Contents(shape: input.shape, elements: input.elements.map(change)))
  }

  /// Gives output 0 the numbers of inputs 0 and 1 under broadcasting, combined by `combine`.
  mutating func foldPairs(
    _ combine: (Element, Element) -> Element
  ) throws(SurgeonError) {
    guard mayHaveContents(0), mayHaveContents(1), let a = try contents(0), let b = try contents(1)
    else { return }
    set(contents: Self.broadcast(a, b, combine))
  }

  /// The same over all inputs, from left to right.
  mutating func foldAll(_ combine: (Element, Element) -> Element) throws(SurgeonError) {
    for input in 0..<inputCount where !mayHaveContents(input) { return }
    guard var result = try contents(0) else { return }
    for input in 1..<max(inputCount, 1) {
      guard let next = try contents(input), let merged = Self.broadcast(result, next, combine)
      else { return }
      result = merged
    }
    set(contents: result)
  }

  static func broadcast(
    _ a: Contents, _ b: Contents, _ combine: (Element, Element) -> Element
  ) -> Contents? {
    guard let shape = Shape.broadcast(Shape(a.shape), Shape(b.shape))?.sizes,
      let x = positions(of: a.shape, in: shape), let y = positions(of: b.shape, in: shape)
    else { return nil }
    return Contents(
      shape: shape, elements: zip(x, y).map { combine(a.elements[$0], b.elements[$1]) })
  }

  /// For each element of a tensor of shape `result`, the element of one of shape `shape` that
  /// broadcasting puts there. nil where that would be more than anyone follows.
  static func positions(of shape: [Int], in result: [Int]) -> [Int]? {
    guard let count = Shape(result).elementCount, count <= Contents.maxCount else { return nil }
    var strides = Array(repeating: 0, count: result.count)
    var stride = 1
    for axis in shape.indices.reversed() {
      if shape[axis] != 1 { strides[axis + result.count - shape.count] = stride }
      stride *= shape[axis]
    }
    return (0..<count).map { index in
      var rest = index
      var position = 0
      for axis in result.indices.reversed() {
        position += rest % result[axis] * strides[axis]
        rest /= result[axis]
      }
      return position
    }
  }
}

extension Contents.Element {
  /// A sum; a name plus 0 is that name.
  static func sum(_ a: Self, _ b: Self) -> Self {
    switch (a, b) {
    case (.integer(let x), .integer(let y)): exact(x.addingReportingOverflow(y))
    case (.integer(0), .symbol): b
    case (.symbol, .integer(0)): a
    default: real(a, b, +)
    }
  }

  static func difference(_ a: Self, _ b: Self) -> Self {
    switch (a, b) {
    case (.integer(let x), .integer(let y)): exact(x.subtractingReportingOverflow(y))
    case (.symbol, .integer(0)): a
    case (.symbol(let x), .symbol(let y)) where x == y: .integer(0)
    default: real(a, b, -)
    }
  }

  static func product(_ a: Self, _ b: Self) -> Self {
    switch (a, b) {
    case (.integer(let x), .integer(let y)): exact(x.multipliedReportingOverflow(by: y))
    case (.integer(1), .symbol), (.real(1), .symbol): b
    case (.symbol, .integer(1)), (.symbol, .real(1)): a
    case (.integer(0), .symbol), (.symbol, .integer(0)): .integer(0)
    default: real(a, b, *)
    }
  }

  /// Integer division truncates toward zero, as ONNX's Div does in its runtimes.
  static func quotient(_ a: Self, _ b: Self) -> Self {
    switch (a, b) {
    case (.integer(let x), .integer(let y)):
      y == 0 ? .unknown : exact(x.dividedReportingOverflow(by: y))
    case (.symbol, .integer(1)), (.symbol, .real(1)): a
    default: real(a, b, /)
    }
  }

  /// The remainder with the divisor's sign.
  static func modulo(_ a: Self, _ b: Self) -> Self {
    guard case (.integer(let x), .integer(let y)) = (a, b), y != 0, y != -1 else { return .unknown }
    let remainder = x % y
    return .integer(remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder)
  }

  static func smaller(_ a: Self, _ b: Self) -> Self {
    if a == b { return a }
    if case (.integer(let x), .integer(let y)) = (a, b) { return .integer(Swift.min(x, y)) }
    return real(a, b) { Swift.min($0, $1) }
  }

  static func larger(_ a: Self, _ b: Self) -> Self {
    if a == b { return a }
    if case (.integer(let x), .integer(let y)) = (a, b) { return .integer(Swift.max(x, y)) }
    return real(a, b) { Swift.max($0, $1) }
  }

  /// Whether two elements are equal: 1, 0, or unknown. A dimension is not negative.
  static func equality(_ a: Self, _ b: Self) -> Self {
    switch (a, b) {
    case (.symbol(let x), .symbol(let y)): return x == y ? .integer(1) : .unknown
    case (.symbol, .integer(let x)) where x < 0: return .integer(0)
    case (.integer(let x), .symbol) where x < 0: return .integer(0)
    default: return comparison(a, b, ==)
    }
  }

  static func comparison(_ a: Self, _ b: Self, _ holds: (Double, Double) -> Bool) -> Self {
    guard let x = a.number, let y = b.number else { return .unknown }
    return .integer(holds(x, y) ? 1 : 0)
  }

  /// A function of numbers that leaves integers (and dimensions, which are some) as they are.
  func rounded(_ rule: FloatingPointRoundingRule) -> Self {
    if case .real(let value) = self { .real(value.rounded(rule)) } else { self }
  }

  private static func exact(_ result: (partialValue: Int, overflow: Bool)) -> Self {
    result.overflow ? .unknown : .integer(result.partialValue)
  }

  /// Real arithmetic in Float32, the type in which models compute scales.
  private static func real(_ a: Self, _ b: Self, _ operation: (Float, Float) -> Float) -> Self {
    guard case (.real(let x), .real(let y)) = (a, b) else { return .unknown }
    return .real(Double(operation(Float(x), Float(y))))
  }
}
