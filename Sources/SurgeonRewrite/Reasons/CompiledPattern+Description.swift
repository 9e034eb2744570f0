internal import SurgeonIR

// Patterns in words, for people who wonder why one did not match.
extension CompiledPattern {
  /// The element as a call: `Mul(x, Sigmoid(x))`, shortened where it is long.
  func describe(_ element: Int) -> String {
    let full = describe(element, depth: 8)
    return full.count <= 60 ? full : describe(element, depth: 1)
  }

  private func describe(_ element: Int, depth: Int) -> String {
    switch elements[element].kind {
    case .op(let op):
      let name = Self.name(of: op)
      guard depth > 0 else { return "\(name)(...)" }
      var inputs = op.inputs.map { describe($0, depth: depth - 1) }
      switch op.rest {
      case .none: break
      case .ignored: inputs.append("...")
      case .captured(let slot): inputs.append("\(captureNames[slot])...")
      }
      return "\(name)(\(inputs.joined(separator: ", ")))"
    case .capture(let slot, _): return captureNames[slot]
    case .number(let number, _): return Self.text(number)
    case .absent: return "nothing"
    case .anything: return "anything"
    case .either(let alternatives):
      return alternatives.map { describe($0, depth: depth) }.joined(separator: " or ")
    case .chain(let types, _, let inner):
      return "\(types.sorted().joined(separator: "/"))*(\(describe(inner, depth: depth)))"
    }
  }

  static func name(of op: Operator) -> String {
    let types = op.opTypes.isEmpty ? "any operator" : op.opTypes.joined(separator: " or ")
    guard let domain = op.domain, !domain.isEmpty else { return types }
    return "\(domain).\(types)"
  }

  /// A number as people write it: 3 rather than 3.0.
  static func text(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// Operators in the subtree of an element, itself included; of alternatives, the most.
  func operatorCount(under element: Int) -> Int {
    switch elements[element].kind {
    case .op(let op): op.inputs.reduce(1) { $0 + operatorCount(under: $1) }
    case .either(let alternatives): alternatives.map { operatorCount(under: $0) }.max() ?? 0
    case .chain(_, let count, let inner): count + operatorCount(under: inner)
    case .capture, .number, .absent, .anything: 0
    }
  }

  /// The first operator that an element wants to see at its place.
  func leadingName(_ element: Int) -> String {
    switch elements[element].kind {
    case .op(let op): Self.name(of: op)
    case .either(let alternatives): alternatives.map { leadingName($0) }.joined(separator: " or ")
    case .chain(_, _, let inner): leadingName(inner)
    case .capture, .number, .absent, .anything: describe(element)
    }
  }
}

extension RewriteRule {
  /// What the rule looks for, as a call: `Mul(x, Sigmoid(x))`.
  public var patternDescription: String { compiled.describe(compiled.roots[0]) }
}

extension Binding {
  /// The binding in words.
  var text: String {
    switch self {
    case .absent: "nothing"
    case .value, .constant, .values, .node, .payload: "another"
    case .float(let number): CompiledPattern.text(Double(number))
    case .int(let number): "\(number)"
    case .string(let text): "'\(text)'"
    case .floats(let numbers): "\(numbers)"
    case .ints(let numbers): "\(numbers)"
    }
  }
}
