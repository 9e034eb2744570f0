public import SurgeonIR

/// An attribute that one of two counterparts has and the other has not, or has with another value.
public struct AttributeChange: Sendable {
  public let name: String
  public let before: Attribute?
  public let after: Attribute?

  static func all(_ a: Node, _ b: Node) throws(SurgeonError) -> [AttributeChange] {
    var changes: [AttributeChange] = []
    for attribute in a.attributes {
      let other = b.attribute(attribute.name)
      if let other, try areEqual(attribute.payload, other.payload) { continue }
      changes.append(AttributeChange(name: attribute.name, before: attribute, after: other))
    }
    for attribute in b.attributes where a.attribute(attribute.name) == nil {
      changes.append(AttributeChange(name: attribute.name, before: nil, after: attribute))
    }
    return changes
  }

  /// Bodies count as equal here: what differs inside is reported node by node.
  private static func areEqual(
    _ a: Attribute.Payload, _ b: Attribute.Payload
  ) throws(SurgeonError) -> Bool {
    switch (a, b) {
    case (.float(let x), .float(let y)): return x.bitPattern == y.bitPattern
    case (.int(let x), .int(let y)): return x == y
    case (.string(let x), .string(let y)): return x == y
    case (.tensor(let x), .tensor(let y)): return try ContentKey.areEqual(x, y)
    case (.sparseTensor(let x), .sparseTensor(let y)): return try ContentKey.areEqual(x, y)
    case (.type(let x), .type(let y)): return x == y
    case (.floats(let x), .floats(let y)): return x.map(\.bitPattern) == y.map(\.bitPattern)
    case (.ints(let x), .ints(let y)): return x == y
    case (.strings(let x), .strings(let y)): return x == y
    case (.types(let x), .types(let y)): return x == y
    case (.graph, .graph): return true
    case (.graphs(let x), .graphs(let y)): return x.count == y.count
    case (.reference(let x, let i), .reference(let y, let j)): return x == y && i == j
    case (.unknown(let x), .unknown(let y)): return x == y
    case (.tensors(let x), .tensors(let y)):
      guard x.count == y.count else { return false }
      for (p, q) in zip(x, y) where try !ContentKey.areEqual(p, q) { return false }
      return true
    case (.sparseTensors(let x), .sparseTensors(let y)):
      guard x.count == y.count else { return false }
      for (p, q) in zip(x, y) where try !ContentKey.areEqual(p, q) { return false }
      return true
    default: return false
    }
  }
}
