package import SurgeonIR

/// What a part of a graph looks like, read from its result backwards: an operator applied to
/// patterns, a capture, a number, a choice.
///
/// Written with `Op`: `Op.Mul(x, Op.Sigmoid(x))`. Every edge is followed through Identity nodes.
/// Operators that commute (Add, Mul, ...) match in every order of their inputs.
public struct Pattern: PatternElement {
  indirect enum Kind: Sendable {
    case op(OpPattern)
    case capture(String, CaptureKind)
    case number(Double, tolerance: Double?)
    case absent
    case anything
    case rest
    case either([Pattern])
    case chain(Set<String>, atLeast: Int, of: Pattern)
  }

  var kind: Kind
  var constraints: [Constraint] = []
  /// Captures of the value itself, besides what the kind captures.
  var valueCaptures: [String] = []
  var location: SourceLocation?

  init(_ kind: Kind, at location: SourceLocation?) {
    self.kind = kind
    self.location = location
  }

  public var pattern: Pattern { self }

  package func at(_ location: SourceLocation?) -> Pattern {
    var copy = self
    copy.location = location
    return copy
  }
}

/// One operator of a pattern.
struct OpPattern: Sendable {
  /// Empty: any operator.
  var opTypes: [String]
  /// nil: any domain.
  var domain: String?
  var inputs: [Pattern]
  var attributes: [AttributePattern] = []
  /// Captures of the outputs, where they are named one by one.
  var outputs: [OutputPattern]?
  /// At the root: whether other outputs than the matched one may be read.
  var acceptsAnyOutputs = false
  /// The output that the value at this place is; nil for any.
  var output: Int? = 0
  var nodeCapture: String?
  var isOrdered = false
}

/// One output of an operator of a pattern, when all are spelled out.
struct OutputPattern: Sendable {
  var name: String
  var isOptional: Bool
}

/// What an attribute has to be.
struct AttributePattern: Sendable {
  enum Demand: Sendable {
    case capture(String, AttributeKind, isOptional: Bool, defaultValue: Binding?)
    case equals(Binding, defaults: AttributeDefaults)
    case absent
  }
  var name: String
  var demand: Demand
  var location: SourceLocation
}

/// What else must hold of the value that a pattern stands for.
package struct Constraint: Sendable {
  package enum Demand: Sendable {
    case usedOnce
    case usedOnlyInside
    case rank(ClosedRange<Int>)
    case elementType([ElementType])
    case shape([Int?])
    /// A constant whose every element is this number.
    case equals(Double, tolerance: Double?)
    /// A constant of these elements, whatever its shape.
    case elements([Double])
    case constant
    case notConstant
  }
  var demand: Demand
  var location: SourceLocation
}
