public import SurgeonIR

/// One reason why a rule does not apply at a place.
public struct Blocker: Sendable {
  /// How far the place is from a match, the farthest last.
  public enum Kind: Int, Sendable, Comparable {
    /// Everything is in its place; a condition or the replacement declines.
    case condition
    /// The operators are in their places; a value or an attribute is not as demanded.
    case constraint
    /// An operator is missing or another one.
    case structure

    public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  public let kind: Kind
  /// One sentence without a full stop.
  public let reason: String
  /// The element of the pattern, or the condition: `gamma`, `Conv(x, weight)`.
  public let element: String
  /// Where the rule says so.
  public let location: SourceLocation?
  public let node: Node.ID?
  public let value: Value.ID?
  /// The node or value concerned, in words: `value 'conv1'`.
  public let place: String?
  /// Who else uses the value, where that is the trouble.
  public let readers: [String]
  /// What the user can do.
  public let remedy: String?
}

/// What became of one rule at one place: how much of it matched, and everything that stood in the
/// way. Made on request; an ordinary rewrite makes none.
public struct MatchTrace: Sendable {
  public let rule: String
  public let summary: String
  /// The node at the root of the pattern; nil where the rule looks for a root that is not there.
  public let root: Node.ID?
  /// The node that the rule is about, and its name.
  public let subject: Node.ID
  public let subjectName: String
  public let subjectOperator: String
  /// The nodes that operators of the pattern matched.
  public let nodes: [Node.ID]
  /// Operators of the pattern that were found, and all of them.
  public let foundOperators: Int
  public let operators: Int
  /// What is in the way, worst first; empty where the rule applies.
  public let blockers: [Blocker]

  /// True where the rule would apply.
  public var applies: Bool { blockers.isEmpty }

  /// True where so much of the pattern is there that its author may have meant this place: all of
  /// its operators, or at least two of them and half of all.
  public var isNearMiss: Bool {
    !applies
      && (foundOperators == operators || (foundOperators >= 2 && 2 * foundOperators >= operators))
  }

  /// Orders traces, the nearest miss first: by missing operators, then by the number of blockers.
  static func isNearer(_ a: MatchTrace, _ b: MatchTrace) -> Bool {
    let (missingA, missingB) = (a.operators - a.foundOperators, b.operators - b.foundOperators)
    return missingA != missingB ? missingA < missingB : a.blockers.count < b.blockers.count
  }
}
