internal import SurgeonIR

/// Operators that compute each element of the output from the same element of one input.
enum Elementwise {
  /// Output 0 has the type of input 0.
  static func same(_ node: inout NodeInference) {
    node.set(node.type(0))
  }

  /// The same, and the numbers go through: Identity and operators that are one for shapes.
  static func identity(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.type(0))
    if node.mayHaveContents(0) { node.set(contents: try node.contents(0)) }
  }

  /// Booleans of input 0's shape: Not, IsNaN, IsInf.
  static func predicate(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(.bool, node.shape(0))
    guard node.node.opType == "Not" else { return }
    try node.foldEach { element in
      if case .integer(let value) = element { .integer(value == 0 ? 1 : 0) } else { .unknown }
    }
  }

  static func abs(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    try node.foldEach { element in
      switch element {
      case .integer(let value) where value != .min: .integer(Swift.abs(value))
      case .real(let value): .real(Swift.abs(value))
      case .symbol: element
      default: .unknown
      }
    }
  }

  static func negation(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    try node.foldEach { element in
      switch element {
      case .integer(let value) where value != .min: .integer(-value)
      case .real(let value): .real(-value)
      default: .unknown
      }
    }
  }

  static func floor(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    try node.foldEach { $0.rounded(.down) }
  }

  static func ceil(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    try node.foldEach { $0.rounded(.up) }
  }

  static func round(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    try node.foldEach { $0.rounded(.toNearestOrEven) }
  }

  static func sqrt(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    try node.foldEach { element in
      if case .real(let value) = element {
        .real(Double(Float(value).squareRoot()))
      } else {
        .unknown
      }
    }
  }

  /// Dropout: output 1, the mask, was of the data's type before opset 10.
  static func dropout(_ node: inout NodeInference) throws(SurgeonError) {
    try identity(&node)
    node.set(1, node.opset >= 10 ? .bool : node.elementType(0), node.shape(0))
  }

  /// Clip: the bounds are attributes before opset 11, scalars from there on.
  static func clip(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    for bound in 1...2 { try node.requireRank(bound, 0...1) }
    guard node.mayHaveContents(0), let input = try node.contents(0) else { return }
    let low = node.has(1) ? try node.contents(1)?.elements.first ?? .unknown : nil
    let high = node.has(2) ? try node.contents(2)?.elements.first ?? .unknown : nil
    if node.float("min") != nil || node.float("max") != nil { return }
    node.set(
      contents: Contents(
        shape: input.shape,
        elements: input.elements.map { element in
          let raised = low.map { .larger(element, $0) } ?? element
          return high.map { .smaller(raised, $0) } ?? raised
        }))
  }

  /// PRelu: the slope broadcasts to the input, in one direction only.
  static func prelu(_ node: inout NodeInference) throws(SurgeonError) {
    same(&node)
    guard node.opset >= 7, let x = node.shape(0), let slope = node.shape(1) else { return }
    guard Shape.broadcast(x, slope)?.rank == x.rank else {
      throw node.error("\(node.describe(1)) does not broadcast to \(node.describe(0))")
    }
  }
}
