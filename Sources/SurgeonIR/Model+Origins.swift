// Where untouched messages stand in the source file, and how an edit drops that.
extension Model {
  /// For readers: records where untouched messages stand. Any later edit drops it again.
  public mutating func setOrigin(_ origin: Origin?, of node: Node.ID) {
    _nodes[Int(node.raw)].origin = origin
  }
  public mutating func setOrigin(_ origin: Origin?, of graph: Graph.ID) {
    _graphs[Int(graph.raw)].origin = origin
  }
  public mutating func setOrigin(_ origin: Origin?, ofFunction index: Int) {
    functions[index].origin = origin
  }
  /// For readers: everything a ValueInfoProto says besides the name.
  public mutating func setInfo(
    of value: Value.ID, type: ValueType?, docString: String, metadata: [StringPair],
    isValueInfo: Bool, origin: Origin?
  ) {
    _values[Int(value.raw)].type = type
    _values[Int(value.raw)].docString = docString
    _values[Int(value.raw)].metadata = metadata
    _values[Int(value.raw)].hasValueInfo = isValueInfo
    _values[Int(value.raw)].origin = origin
  }

  mutating func touch(_ node: Node.ID) {
    _nodes[Int(node.raw)].origin = nil
    touch(self[node].graph)
  }

  /// Drops the origin of a graph and of everything around it. A graph without one has been here
  /// before, and so have its surroundings.
  mutating func touch(_ graph: Graph.ID) {
    guard self[graph].origin != nil else { return }
    _graphs[Int(graph.raw)].origin = nil
    switch self[graph].owner {
    case .model: break
    case .function(let index): functions[index].origin = nil
    case .node(let node):
      for index in self[node].attributes.indices
      where self[node].attributes[index].graphs.contains(graph) {
        _nodes[Int(node.raw)].attributes[index].origin = nil
      }
      touch(node)
    }
  }
}
