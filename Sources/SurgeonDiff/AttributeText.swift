public import SurgeonIR

/// Attribute values and constants in a few words.
enum AttributeText {
  /// A list longer than this is cut.
  private static let longest = 8

  static func text(_ payload: Attribute.Payload) -> String {
    switch payload {
    case .float(let number): "\(number)"
    case .int(let number): "\(number)"
    case .string(let bytes): quoted(bytes)
    case .tensor(let tensor): type(tensor)
    case .sparseTensor(let tensor): "sparse \(type(tensor.values))"
    case .graph, .graphs: "a graph"
    case .type, .types: "a type"
    case .floats(let numbers): list(numbers.map { "\($0)" })
    case .ints(let numbers): list(numbers.map { "\($0)" })
    case .strings(let strings): list(strings.map(quoted))
    case .tensors(let tensors): list(tensors.map(type))
    case .sparseTensors(let tensors): list(tensors.map { "sparse \(type($0.values))" })
    case .reference(let name, _): "the caller's '\(name)'"
    case .unknown(let code): "a value of type \(code)"
    }
  }

  static func type(_ tensor: Tensor) -> String {
    tensor.shape.isEmpty ? tensor.elementType.name : "\(tensor.elementType.name)\(tensor.shape)"
  }

  static func constantType(_ value: Value) -> String {
    if let tensor = value.initializer { return type(tensor) }
    if let tensor = value.sparseInitializer {
      return "sparse \(tensor.values.elementType.name)\(tensor.shape)"
    }
    return "?"
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    "\"\(String(decoding: bytes.prefix(64), as: UTF8.self))\"" + (bytes.count > 64 ? "..." : "")
  }

  private static func list(_ elements: [String]) -> String {
    let shown = elements.prefix(longest).joined(separator: ", ")
    return elements.count > longest ? "[\(shown), ... \(elements.count)]" : "[\(shown)]"
  }
}

extension Attribute.Payload {
  /// The value in a few words: numbers and strings as they are, long lists cut, tensors by type.
  public var summary: String { AttributeText.text(self) }
}
