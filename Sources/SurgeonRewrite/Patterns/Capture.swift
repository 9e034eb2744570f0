public import SurgeonIR

/// A name in a pattern, and what it stands for once the pattern has matched.
///
/// The type decides what may stand there:
///
/// | capture | binds |
/// |---|---|
/// | `Capture<Value.ID>` | any value |
/// | `Capture<Value.ID?>` | any value, or an optional input that is left out |
/// | `Capture<[Value.ID]>` | all inputs from there on (only as the last one) |
/// | `Capture<Tensor>` | a constant, however the file spells it (see `Model.constant`) |
/// | `Capture<Tensor?>` | a constant, or an optional input that is left out |
/// | `Capture<Node.ID>` | a node, with `Pattern.as` |
/// | `Capture<Float>`, `Int`, `String`, `[Int]`, `[Float]`, `Tensor`, their optionals | an attribute, with `Pattern.attribute` |
///
/// A capture is known by its name: used twice in one rule, it stands for the same value (or for
/// equal constants) in both places.
public struct Capture<Bound: CaptureType>: Sendable {
  public let name: String
  /// What an attribute is where the node does not give it.
  public let defaultValue: Bound?
  let location: SourceLocation

  public init(
    _ name: String, default defaultValue: Bound? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    self.init(name, default: defaultValue, at: SourceLocation(file, line))
  }

  /// A capture of a rule that is made from data.
  public init(_ name: String, default defaultValue: Bound? = nil, at location: SourceLocation) {
    self.name = name
    self.defaultValue = defaultValue
    self.location = location
  }
}

/// What a capture can stand for.
public protocol CaptureType: Sendable {
  static var captureKind: CaptureKind { get }
  /// The binding as this type; nil where nothing of the type is bound.
  static func read(_ binding: Binding?) -> Self?
  /// The same value as a binding.
  var binding: Binding { get }
}

/// The place that a capture may take in a pattern.
public enum CaptureKind: Hashable, Sendable {
  case value(isOptional: Bool)
  case constant(isOptional: Bool)
  case remainingValues
  case node
  /// An attribute, and the type of its payload.
  case attribute(AttributeKind, isOptional: Bool)
}

/// The types of attributes that can be captured.
public enum AttributeKind: Hashable, Sendable {
  case float, int, string, floats, ints
  /// A payload of any type, to be handed on as it is.
  case any
}

/// What a capture is bound to.
public enum Binding: Sendable {
  case absent
  case value(Value.ID)
  case constant(Value.ID?, Tensor)
  case values([Value.ID])
  case node(Node.ID)
  case float(Float)
  case int(Int)
  case string(String)
  case floats([Float])
  case ints([Int])
  case payload(Attribute.Payload)
}
