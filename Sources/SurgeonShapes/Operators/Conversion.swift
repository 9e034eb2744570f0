internal import SurgeonIR

/// Operators that change the element type.
enum Conversion {
  static func cast(_ node: inout NodeInference) throws(SurgeonError) {
    // Before opset 6, `to` is the type's name.
    let to =
      node.elementType(attribute: "to")
      ?? node.string("to").flatMap { ElementType(name: $0.lowercased()) }
    node.set(to, node.shape(0))
    if let to { try convertContents(&node, to: to) }
  }

  static func castLike(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(1), node.shape(0))
    if let to = node.elementType(1) { try convertContents(&node, to: to) }
  }

  private static func convertContents(
    _ node: inout NodeInference, to: ElementType
  ) throws(SurgeonError) {
    switch to {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
      try node.foldEach { element in
        guard case .real(let value) = element else { return element }
        return Int(exactly: value.rounded(.towardZero)).map { .integer($0) } ?? .unknown
      }
    case .float32, .float64:
      try node.foldEach { element in
        guard case .integer(let value) = element else { return element }
        return .real(Double(value))
      }
    case .bool:
      try node.foldEach { element in
        element.number.map { .integer($0 == 0 ? 0 : 1) } ?? .unknown
      }
    default: break
    }
  }

  /// BitCast: the last axis absorbs the ratio of widths where they differ.
  static func bitCast(_ node: inout NodeInference) {
    node.set(node.elementType(attribute: "to"), node.shape(0))
  }

  /// QuantizeLinear: the zero point's type, else `output_dtype`, else uint8.
  static func quantize(_ node: inout NodeInference) {
    let attribute = node.elementType(attribute: "output_dtype").flatMap {
      $0 == .undefined ? nil : $0
    }
    let elementType = node.has(2) ? node.elementType(2) : attribute ?? .uint8
    node.set(elementType, node.shape(0))
  }

  /// DequantizeLinear: the scale's type, unless `output_dtype` says (opset 23 on).
  static func dequantize(_ node: inout NodeInference) {
    let attribute = node.elementType(attribute: "output_dtype").flatMap {
      $0 == .undefined ? nil : $0
    }
    node.set(attribute ?? node.elementType(1), node.shape(0))
  }

  /// DynamicQuantizeLinear: the numbers, their scale and their zero point.
  static func dynamicQuantize(_ node: inout NodeInference) {
    node.set(.uint8, node.shape(0))
    node.set(1, .float32, Shape([Dimension]()))
    node.set(2, .uint8, Shape([Dimension]()))
  }
}
