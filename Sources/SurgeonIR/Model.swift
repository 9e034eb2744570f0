/// A model: one arena of graphs, nodes and values, the functions, and the file's header.
///
/// A model is a value. `let before = model` is a snapshot that costs a few retains; the first edit
/// after it copies the arena once. All edits go through methods of the model (see
/// Model+Edit.swift), which keep uses, names and origins consistent.
public struct Model: Sendable {
  /// What the file says of itself outside its graphs; compared by the writer with what was read.
  public struct Header: Hashable, Sendable {
    public var irVersion: Int
    public var opsetImports: [OpsetImport]
    public var producerName = ""
    public var producerVersion = ""
    public var domain = ""
    public var modelVersion: Int64 = 0
    public var docString = ""
    public var metadata: [StringPair] = []

    public init(irVersion: Int, opsetImports: [OpsetImport]) {
      self.irVersion = irVersion
      self.opsetImports = opsetImports
    }
  }

  public var header: Header
  public internal(set) var functions: [Function] = []
  /// Names that parts of the file outside the IR refer to (training_info, quantization
  /// annotations): their values must not disappear.
  public var pinnedNames: Set<String> = []
  /// Where the model came from, for the writer; nil for a model made in memory.
  public var source: (any ModelSource)?

  @usableFromInline var _nodes: ContiguousArray<Node> = []
  @usableFromInline var _values: ContiguousArray<Value> = []
  @usableFromInline var _graphs: ContiguousArray<Graph> = []
  /// Every name of a value or node, built when the first fresh name is asked for.
  var takenNames: Set<String>?
  /// Where the search for a fresh name with a certain base goes on.
  var nextSuffixes: [String: Int] = [:]

  /// An empty model with an empty main graph.
  public init(header: Header) {
    self.header = header
    _graphs.append(Graph(owner: .model))
  }

  /// The main graph.
  public var mainGraph: Graph.ID { Graph.ID(raw: 0) }

  @inlinable public subscript(id: Node.ID) -> Node {
    _read { yield _nodes[Int(id.raw)] }
  }

  @inlinable public subscript(id: Value.ID) -> Value {
    _read { yield _values[Int(id.raw)] }
  }

  @inlinable public subscript(id: Graph.ID) -> Graph {
    _read { yield _graphs[Int(id.raw)] }
  }

  /// One past the highest raw number of a node handle: the length of a table indexed by node.
  @inlinable public var nodeTableCount: Int { _nodes.count }
  /// One past the highest raw number of a value handle.
  @inlinable public var valueTableCount: Int { _values.count }
  /// One past the highest raw number of a graph handle.
  @inlinable public var graphTableCount: Int { _graphs.count }

  /// False once the node was removed.
  @inlinable public func isAlive(_ id: Node.ID) -> Bool { !_nodes[Int(id.raw)].isRemoved }
  /// False once the value was removed.
  @inlinable public func isAlive(_ id: Value.ID) -> Bool { !_values[Int(id.raw)].isRemoved }

  /// Graphs that belong to the model, to a living node or to a function, outer ones first.
  public var graphs: [Graph.ID] {
    _graphs.indices.lazy.map { Graph.ID(raw: Int32($0)) }.filter { graph in
      switch self[graph].owner {
      case .model: true
      case .node(let node): self.isAlive(node)
      case .function(let index):
        self.functions.indices.contains(index) && self.functions[index].body == graph
      }
    }
  }

  /// The nodes of a graph in execution order.
  public func nodes(of graph: Graph.ID) -> NodeSequence {
    NodeSequence(model: self, first: self[graph].firstNode)
  }

  /// Every living node: graph by graph, in execution order within each.
  public var allNodes: [Node.ID] { graphs.flatMap { nodes(of: $0) } }

  /// Every living value of the arena, in order of creation.
  public var allValues: [Value.ID] {
    _values.indices.lazy.map { Value.ID(raw: Int32($0)) }.filter { self.isAlive($0) }
  }

  /// The value that `name` denotes within `graph`, outer graphs included.
  public func value(named name: String, in graph: Graph.ID) -> Value.ID? {
    var scope: Graph.ID? = graph
    while let current = scope {
      if let value = self[current].valuesByName[name] { return value }
      scope = parent(of: current)
    }
    return nil
  }

  /// The value that `graph` itself defines under `name`.
  public func localValue(named name: String, in graph: Graph.ID) -> Value.ID? {
    self[graph].valuesByName[name]
  }

  /// The graph that a body's node stands in; nil for the main graph and for function bodies.
  public func parent(of graph: Graph.ID) -> Graph.ID? {
    if case .node(let node) = self[graph].owner { self[node].graph } else { nil }
  }

  /// True for the body of a model-local function and for every body within it. Functions have no
  /// initializers.
  public func isInFunction(_ graph: Graph.ID) -> Bool {
    if case .function = self[outermost(of: graph)].owner { true } else { false }
  }

  private func outermost(of graph: Graph.ID) -> Graph.ID {
    var current = graph
    while let next = parent(of: current) { current = next }
    return current
  }

  /// The operator-set version that applies to nodes of `graph` in `domain`; nil if not imported.
  public func opset(_ domain: String = "", in graph: Graph.ID) -> Int? {
    let imports =
      if case .function(let index) = self[outermost(of: graph)].owner {
        functions[index].opsetImports
      } else {
        header.opsetImports
      }
    let wanted = Self.canonical(domain)
    return imports.first { Self.canonical($0.domain) == wanted }?.version
  }

  /// `ai.onnx` is the long name of the empty domain.
  public static func canonical(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

  /// The model-local function that a node calls.
  public func function(calledBy node: Node.ID) -> Function? {
    let node = self[node]
    return functions.first {
      $0.name == node.opType && $0.overload == node.overload
        && Self.canonical($0.domain) == Self.canonical(node.domain)
    }
  }

  /// True where `a` stands before `b` in the node list of the graph that both belong to.
  public func isBefore(_ a: Node.ID, _ b: Node.ID) -> Bool {
    precondition(self[a].graph == self[b].graph)
    return self[a].orderKey < self[b].orderKey
  }
}

/// What a writer needs of the file that a model was read from. Opaque to the IR.
public protocol ModelSource: AnyObject, Sendable {
  /// The path the model was read from, for messages.
  var path: String { get }
}

/// The nodes of one graph in execution order, as they were when the sequence was made.
public struct NodeSequence: Sequence, IteratorProtocol {
  @usableFromInline let model: Model
  @usableFromInline var upcoming: Node.ID?

  init(model: Model, first: Node.ID?) {
    self.model = model
    upcoming = first
  }

  @inlinable public mutating func next() -> Node.ID? {
    guard let current = upcoming else { return nil }
    upcoming = model[current].next
    return current
  }
}
