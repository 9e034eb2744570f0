internal import SurgeonFormat
internal import SurgeonRewrite

/// A rule as it was written. Places are those of the scanner.
struct RuleText {
  var name: GraphText.Name
  var summary = ""
  var match: [GraphText.NodeText] = []
  var conditions: [ConditionText] = []
  var replacement: [GraphText.NodeText] = []
  var fidelity: Fidelity?
}

/// A condition: a word, and the names or numbers that it is about.
struct ConditionText {
  enum Kind {
    case constant
    case optional
    case usedOnce
    case usedOnlyInside
    case rank(ClosedRange<Int>)
    case elementType([String])
    case equals(Double, tolerance: Double?)
    case perChannel(of: GraphText.Name)
    case opset(ClosedRange<Int>)
  }

  var kind: Kind
  var names: [GraphText.Name] = []
  var place: Int
}
