/// A list of nodes with inputs, outputs and initializers: a model's main graph, the body of a
/// control-flow node, or the body of a model-local function.
public struct Graph: Sendable {
  /// A handle to a graph of a model. Never used again for another graph of the same model.
  public struct ID: Hashable, Sendable, Comparable {
    public let raw: Int32
    @inlinable public init(raw: Int32) { self.raw = raw }
    /// The order of creation.
    @inlinable public static func < (a: ID, b: ID) -> Bool { a.raw < b.raw }
  }

  /// What a graph belongs to.
  public enum Owner: Hashable, Sendable {
    case model
    /// The body in an attribute of a node.
    case node(Node.ID)
    /// A model-local function, by its position in `Model.functions`.
    case function(Int)
  }

  /// The parts that no edit of nodes changes; compared by the writer with what was read.
  public struct Header: Hashable, Sendable {
    public var name = ""
    public var docString = ""
    public var metadata: [StringPair] = []
    public init() {}
  }

  public var header = Header()
  public internal(set) var owner: Owner
  public internal(set) var inputs: [Value.ID] = []
  public internal(set) var outputs: [Value.ID] = []
  /// Values with a dense or sparse initializer, in the file's order.
  public internal(set) var initializers: [Value.ID] = []
  public internal(set) var nodeCount = 0
  @usableFromInline var firstNode: Node.ID?
  var lastNode: Node.ID?
  var valuesByName: [String: Value.ID] = [:]
  /// Where the message stands in the source file; nil when new or changed anywhere inside.
  public internal(set) var origin: Origin?
}

/// A model-local function (`FunctionProto`): an operator defined by a graph.
///
/// Its inputs, outputs and nodes are those of `body`, whose names are a scope of their own.
public struct Function: Sendable {
  public var name: String
  public var domain: String
  public var overload: String
  public let body: Graph.ID
  /// Attributes that a call must give.
  public var attributeNames: [String]
  /// Attributes with a default.
  public var attributeDefaults: [Attribute]
  public var opsetImports: [OpsetImport]
  public var docString: String
  public var metadata: [StringPair]
  public internal(set) var origin: Origin?

  public init(
    name: String, domain: String, overload: String = "", body: Graph.ID,
    attributeNames: [String] = [], attributeDefaults: [Attribute] = [],
    opsetImports: [OpsetImport], docString: String = "", metadata: [StringPair] = [],
    origin: Origin? = nil
  ) {
    self.name = name
    self.domain = domain
    self.overload = overload
    self.body = body
    self.attributeNames = attributeNames
    self.attributeDefaults = attributeDefaults
    self.opsetImports = opsetImports
    self.docString = docString
    self.metadata = metadata
    self.origin = origin
  }
}

/// An operator set and its version.
public struct OpsetImport: Hashable, Sendable {
  /// Empty for the standard's own operators.
  public var domain: String
  public var version: Int

  public init(domain: String, version: Int) {
    self.domain = domain
    self.version = version
  }
}
