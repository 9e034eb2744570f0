internal import SurgeonIR

/// Operators on several inputs under multidirectional broadcasting.
enum Broadcasting {
  /// The shape of the result of all inputs together.
  ///
  /// Before opset 7 the second input broadcasts to the first, which alone has the result's shape;
  /// the variadic operators took equal shapes before opset 8.
  static func shape(_ node: borrowing NodeInference) throws(SurgeonError) -> Shape? {
    if node.opset < 7 { return node.shape(0) }
    guard var result = node.shape(0) else { return nil }
    for input in 1..<Swift.max(node.inputCount, 1) {
      guard let next = node.shape(input) else { return nil }
      guard let merged = Shape.broadcast(result, next) else {
        throw node.error(
          "\(node.describe(input)) does not broadcast with "
            + (input == 1 ? node.describe(0) : "the inputs before it, \(result.text)"))
      }
      result = merged
    }
    return result
  }

  private static func arithmetic(
    _ node: inout NodeInference, _ combine: (Contents.Element, Contents.Element) -> Contents.Element
  ) throws(SurgeonError) {
    try variadic(&node)
    try node.foldPairs(combine)
  }

  static func add(_ node: inout NodeInference) throws(SurgeonError) {
    try arithmetic(&node, Contents.Element.sum)
  }
  static func sub(_ node: inout NodeInference) throws(SurgeonError) {
    try arithmetic(&node, Contents.Element.difference)
  }
  static func mul(_ node: inout NodeInference) throws(SurgeonError) {
    try arithmetic(&node, Contents.Element.product)
  }
  static func div(_ node: inout NodeInference) throws(SurgeonError) {
    try arithmetic(&node, Contents.Element.quotient)
  }
  static func mod(_ node: inout NodeInference) throws(SurgeonError) {
    try variadic(&node)
    if node.int("fmod", default: 0) == 0 { try node.foldPairs(Contents.Element.modulo) }
  }
  static func max(_ node: inout NodeInference) throws(SurgeonError) {
    try variadic(&node)
    try node.foldAll(Contents.Element.larger)
  }
  static func min(_ node: inout NodeInference) throws(SurgeonError) {
    try variadic(&node)
    try node.foldAll(Contents.Element.smaller)
  }

  /// All inputs have one element type, and so has the result.
  static func variadic(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(try node.commonElementType(0..<node.inputCount), try shape(node))
  }

  /// Pow: the exponent may be of another type.
  static func pow(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), try shape(node))
  }

  static func logical(_ node: inout NodeInference) throws(SurgeonError) {
    _ = try node.commonElementType(0..<2)
    node.set(.bool, try shape(node))
    switch node.node.opType {
    case "And": try node.foldPairs(Contents.Element.product)
    case "Or":
      try node.foldPairs { a, b in
        guard case (.integer(let x), .integer(let y)) = (a, b) else { return .unknown }
        return .integer(x | y)
      }
    default: break
    }
  }

  static func equal(_ node: inout NodeInference) throws(SurgeonError) {
    _ = try node.commonElementType(0..<2)
    node.set(.bool, try shape(node))
    try node.foldPairs(Contents.Element.equality)
  }

  static func comparison(_ node: inout NodeInference) throws(SurgeonError) {
    _ = try node.commonElementType(0..<2)
    node.set(.bool, try shape(node))
    let opType = node.node.opType
    try node.foldPairs { a, b in
      .comparison(a, b) { x, y in
        switch opType {
        case "Less": x < y
        case "LessOrEqual": x <= y
        case "Greater": x > y
        default: x >= y
        }
      }
    }
  }

  static func selection(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(try node.commonElementType(1..<3), try shape(node))
    for input in 0..<3 where !node.mayHaveContents(input) { return }
    guard let condition = try node.contents(0), let x = try node.contents(1),
      let y = try node.contents(2),
      let result = Shape.broadcast(Shape(condition.shape), Shape(x.shape))
        .flatMap({ Shape.broadcast($0, Shape(y.shape)) })?.sizes,
      let atCondition = NodeInference.positions(of: condition.shape, in: result),
      let atX = NodeInference.positions(of: x.shape, in: result),
      let atY = NodeInference.positions(of: y.shape, in: result)
    else { return }
    let elements = atCondition.indices.map { index -> Contents.Element in
      let (whenTrue, whenFalse) = (x.elements[atX[index]], y.elements[atY[index]])
      guard case .integer(let chosen) = condition.elements[atCondition[index]] else {
        return whenTrue == whenFalse ? whenTrue : .unknown
      }
      return chosen != 0 ? whenTrue : whenFalse
    }
    node.set(contents: Contents(shape: result, elements: elements))
  }
}
