/// An edge of a graph: produced once (by a node, or as a graph input or an initializer) and used
/// any number of times, in its own graph and in the bodies within it.
public struct Value: Sendable {
  /// A handle to a value of a model. Never used again for another value of the same model.
  public struct ID: Hashable, Sendable, Comparable {
    public let raw: Int32
    @inlinable public init(raw: Int32) { self.raw = raw }
    /// The order of creation.
    @inlinable public static func < (a: ID, b: ID) -> Bool { a.raw < b.raw }
  }

  /// The node output that a value is.
  public struct Producer: Hashable, Sendable {
    public let node: Node.ID
    public let output: Int
  }

  /// The name that the file gives the value, unique within its graph.
  public internal(set) var name: String
  /// The graph that defines the value.
  public internal(set) var graph: Graph.ID
  /// What the file says of its type (graph input, graph output or value_info), nil if nothing.
  public internal(set) var type: ValueType?
  /// The node that computes it; nil for graph inputs, initializers and undefined names.
  public internal(set) var producer: Producer?
  var constant: Constant?
  public internal(set) var isGraphInput = false
  /// True when the type comes from a `value_info` message.
  public internal(set) var hasValueInfo = false
  /// Everything that reads the value.
  public internal(set) var uses = UseList()
  public internal(set) var docString = ""
  public internal(set) var metadata: [StringPair] = []
  /// Where the ValueInfoProto stands in the source file; nil when new or changed.
  public internal(set) var origin: Origin?
  @usableFromInline var isRemoved = false

  /// The constant that it is, or the default of a graph input.
  public internal(set) var initializer: Tensor? {
    get { if case .dense(let tensor)? = constant { tensor } else { nil } }
    set {
      if let newValue {
        constant = .dense(newValue)
      } else if case .dense? = constant {
        constant = nil
      }
    }
  }

  /// The same for a `sparse_initializer`.
  public internal(set) var sparseInitializer: SparseTensor? {
    get { if case .sparse(let tensor)? = constant { tensor } else { nil } }
    set {
      if let newValue {
        constant = .sparse(newValue)
      } else if case .sparse? = constant {
        constant = nil
      }
    }
  }

  /// True where it has an initializer of either kind.
  public var hasInitializer: Bool { constant != nil }

  /// True where a node, a graph input or an initializer defines the value.
  public var isDefined: Bool { producer != nil || isGraphInput || hasInitializer }

  /// True where some graph's list of outputs names the value.
  public var isGraphOutput: Bool { uses.graphOutputCount > 0 }
}

/// Kept apart from the value: tensors are large, and most values have none. What is small makes every
/// walk over a graph, and the copy that an edit after a snapshot takes, three times cheaper.
indirect enum Constant: Sendable {
  case dense(Tensor)
  case sparse(SparseTensor)
}

/// One place where a value is read.
public enum Use: Hashable, Sendable {
  case node(Node.ID, input: Int)
  case graphOutput(Graph.ID, index: Int)

  public var isGraphOutput: Bool {
    if case .graphOutput = self { true } else { false }
  }

  /// The reading node, nil for a graph output.
  public var node: Node.ID? {
    if case .node(let node, _) = self { node } else { nil }
  }
}
