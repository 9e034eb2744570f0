internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// A rule as it was written. Places are those of the scanner.
struct RuleText {
  var name: GraphText.Name
  var summary = ""
  var match: [GraphText.NodeText] = []
  /// What stands after `or`: other ways to write what is looked for.
  var alternatives: [[GraphText.NodeText]] = []
  var conditions: [ConditionText] = []
  var replacement: [GraphText.NodeText] = []
  var fidelity: Fidelity?

  /// The rule with each of its patterns alone.
  var variants: [RuleText] {
    ([match] + alternatives).map { nodes in
      var variant = self
      variant.match = nodes
      variant.alternatives = []
      return variant
    }
  }
}

/// A condition: a word, and the names or numbers that it is about. The name of an attribute begins
/// with `@`.
struct ConditionText {
  enum Kind {
    case constant
    case notConstant
    case optional
    case usedOnce
    case usedOnlyInside
    case rank(ClosedRange<Int>)
    case shape([Int?])
    case elementType([String])
    case equals(Double, tolerance: Double?)
    case attributeEquals(Attribute.Payload)
    case inverse
    case perChannel(of: GraphText.Name)
    case sameShape
    case sameType
    case opset(ClosedRange<Int>)
  }

  var kind: Kind
  var names: [GraphText.Name] = []
  var place: Int
}

extension GraphText.Name {
  var isNumber: Bool {
    switch operand {
    case .number, .numbers: true
    case .rest, .nested, nil: false
    }
  }

  var isRest: Bool { if case .rest? = operand { true } else { false } }
  var isNested: Bool { if case .nested? = operand { true } else { false } }
  var isAttribute: Bool { text.hasPrefix("@") }
}
