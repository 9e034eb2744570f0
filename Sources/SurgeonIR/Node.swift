/// One application of an operator.
///
/// Nodes live in their model's arena; a `Node` handed out is a copy. It is changed through the
/// model, which keeps the uses of values and the origins of messages true.
public struct Node: Sendable {
  /// A handle to a node of a model. Never used again for another node of the same model.
  public struct ID: Hashable, Sendable, Comparable {
    public let raw: Int32
    @inlinable public init(raw: Int32) { self.raw = raw }
    /// The order of creation, which is not the order of execution.
    @inlinable public static func < (a: ID, b: ID) -> Bool { a.raw < b.raw }
  }

  public var name: String
  /// The operator's name, such as `Conv`.
  public var opType: String
  /// The operator set that the name belongs to; empty for the standard's own.
  public var domain: String
  /// Which of several model-local functions of one name is called; almost always empty.
  public var overload: String
  /// Values read, in the operator's order; nil where an optional input is left out.
  public internal(set) var inputs: [Value.ID?]
  /// Values produced, in the operator's order; nil where an optional output is left out.
  public internal(set) var outputs: [Value.ID?]
  public internal(set) var attributes: [Attribute]
  public var docString: String
  public var metadata: [StringPair]
  /// The graph whose node list this node stands in.
  public internal(set) var graph: Graph.ID
  /// Where the message stands in the source file; nil when new or changed.
  public internal(set) var origin: Origin?
  /// Bytes of the message that the IR has no name for, written back as they stand.
  public var unrecognized: [UInt8]
  @usableFromInline var isRemoved = false
  // The node list of the graph is doubly linked, so that an edit costs the same in any graph.
  @usableFromInline var previous: Node.ID?
  @usableFromInline var next: Node.ID?
  /// Grows along the node list; see `Model.isBefore`.
  var orderKey: Double = 0

  /// The attribute called `name`.
  public func attribute(_ name: String) -> Attribute? {
    attributes.first { $0.name == name }
  }

  /// An integer attribute; nil where it is absent or of another type.
  public func int(_ name: String) -> Int? {
    if case .int(let value)? = attribute(name)?.payload { Int(value) } else { nil }
  }

  /// A list-of-integers attribute; nil where it is absent or of another type.
  public func ints(_ name: String) -> [Int]? {
    if case .ints(let values)? = attribute(name)?.payload { values.map { Int($0) } } else { nil }
  }

  /// A float attribute; nil where it is absent or of another type.
  public func float(_ name: String) -> Float? {
    if case .float(let value)? = attribute(name)?.payload { value } else { nil }
  }

  /// A string attribute read as UTF-8; nil where it is absent or of another type.
  public func string(_ name: String) -> String? {
    guard case .string(let bytes)? = attribute(name)?.payload else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A tensor attribute; nil where it is absent or of another type.
  public func tensor(_ name: String) -> Tensor? {
    if case .tensor(let tensor)? = attribute(name)?.payload { tensor } else { nil }
  }

  /// Input `slot`, nil where it is left out or past the end.
  public func input(_ slot: Int) -> Value.ID? { slot < inputs.count ? inputs[slot] : nil }

  /// Output `slot`, nil where it is left out or past the end.
  public func output(_ slot: Int) -> Value.ID? { slot < outputs.count ? outputs[slot] : nil }

  /// The bodies that the node's attributes hold.
  public var bodies: [Graph.ID] { attributes.flatMap(\.graphs) }
}
