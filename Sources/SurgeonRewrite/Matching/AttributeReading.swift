internal import SurgeonIR

/// Compares an attribute of a node with what a pattern wants.
enum AttributeReading {
  enum Outcome {
    /// It fits; the binding is for the capture, if there is one.
    case bound(Binding)
    /// It does not fit; the sentence says why.
    case mismatch(Reason)
  }

  enum Reason {
    case missing
    case givenByCaller
    case ofAnotherType
    case notWanted
    case differs(from: Binding, is: Binding)
  }

  static func read(
    _ wanted: AttributePattern, of node: Node.ID, _ model: borrowing Model
  ) -> Outcome {
    let attribute = model[node].attribute(wanted.name)
    if case .reference? = attribute?.payload { return .mismatch(.givenByCaller) }
    switch wanted.demand {
    case .absent: return attribute == nil ? .bound(.absent) : .mismatch(.notWanted)
    case .capture(_, let kind, let isOptional, let defaultValue):
      guard let attribute else {
        if let defaultValue { return .bound(defaultValue) }
        return isOptional ? .bound(.absent) : .mismatch(.missing)
      }
      guard let binding = binding(of: attribute, as: kind) else {
        return .mismatch(.ofAnotherType)
      }
      return .bound(binding)
    case .equals(let value, let defaults):
      guard let attribute else {
        let opset = model.opset(model[node].domain, in: model[node].graph)
        guard let defaultValue = defaults.value(at: opset) else { return .mismatch(.missing) }
        return Matcher.agree(value, defaultValue, model)
          ? .bound(value) : .mismatch(.differs(from: value, is: defaultValue))
      }
      guard let kind = kind(of: value), let found = binding(of: attribute, as: kind) else {
        return .mismatch(.ofAnotherType)
      }
      return Matcher.agree(value, found, model)
        ? .bound(found) : .mismatch(.differs(from: value, is: found))
    }
  }

  private static func kind(of binding: Binding) -> AttributeKind? {
    switch binding {
    case .float: .float
    case .int: .int
    case .string: .string
    case .floats: .floats
    case .ints: .ints
    default: nil
    }
  }

  private static func binding(of attribute: Attribute, as kind: AttributeKind) -> Binding? {
    switch (kind, attribute.payload) {
    case (.float, .float(let number)): .float(number)
    case (.int, .int(let number)): .int(Int(number))
    case (.string, .string(let bytes)): .string(String(decoding: bytes, as: UTF8.self))
    case (.floats, .floats(let numbers)): .floats(numbers)
    case (.ints, .ints(let numbers)): .ints(numbers.map { Int($0) })
    case (.any, let payload): .payload(payload)
    default: nil
    }
  }
}
