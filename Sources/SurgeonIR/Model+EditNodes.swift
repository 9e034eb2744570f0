// Edits of nodes; see Model+Edit.swift for what every edit keeps true.
extension Model {
  /// A new node in `graph`, before `successor` or at the end of the node list.
  ///
  /// - Precondition: nothing else defines the outputs.
  @discardableResult
  public mutating func addNode(
    _ opType: String, domain: String = "", overload: String = "", name: String = "",
    inputs: [Value.ID?], outputs: [Value.ID?], attributes: [Attribute] = [],
    docString: String = "", metadata: [StringPair] = [], unrecognized: [UInt8] = [],
    in graph: Graph.ID, before successor: Node.ID? = nil
  ) -> Node.ID {
    let id = Node.ID(raw: Int32(_nodes.count))
    if !name.isEmpty { takenNames?.insert(name) }
    _nodes.append(
      Node(
        name: name, opType: opType, domain: domain, overload: overload, inputs: inputs,
        outputs: outputs, attributes: attributes, docString: docString, metadata: metadata,
        graph: graph, origin: nil, unrecognized: unrecognized))
    for (slot, input) in inputs.enumerated() {
      if let input { _values[Int(input.raw)].uses.insert(.node(id, input: slot)) }
    }
    for (slot, output) in outputs.enumerated() {
      guard let output else { continue }
      precondition(!self[output].isDefined, "the value already has a definition")
      _values[Int(output.raw)].producer = Value.Producer(node: id, output: slot)
    }
    for attribute in attributes { adopt(attribute.graphs, by: id) }
    link(id, before: successor)
    touch(graph)
    return id
  }

  /// Removes a node, the bodies it holds, and its claim on its outputs. The output values stay,
  /// undefined, until `removeValues` or until another node defines them.
  public mutating func removeNode(_ id: Node.ID) {
    precondition(isAlive(id))
    // A body that another node has taken over stays.
    for body in self[id].bodies where self[body].owner == .node(id) { removeContents(of: body) }
    for (slot, input) in self[id].inputs.enumerated() {
      if let input { _values[Int(input.raw)].uses.remove(.node(id, input: slot)) }
    }
    for case let output? in self[id].outputs { _values[Int(output.raw)].producer = nil }
    unlink(id)
    let graph = self[id].graph
    _nodes[Int(id.raw)].isRemoved = true
    _nodes[Int(id.raw)].inputs = []
    _nodes[Int(id.raw)].outputs = []
    _nodes[Int(id.raw)].attributes = []
    touch(graph)
  }

  /// Makes input `slot` read `value`, or leaves it out; slots past the end are added, and at the end
  /// none is left out.
  public mutating func setInput(_ slot: Int, of node: Node.ID, to value: Value.ID?) {
    while self[node].inputs.count <= slot { _nodes[Int(node.raw)].inputs.append(nil) }
    if let old = self[node].inputs[slot] {
      _values[Int(old.raw)].uses.remove(.node(node, input: slot))
    }
    _nodes[Int(node.raw)].inputs[slot] = value
    if let value { _values[Int(value.raw)].uses.insert(.node(node, input: slot)) }
    while value == nil, let last = self[node].inputs.last, last == nil {
      _nodes[Int(node.raw)].inputs.removeLast()
    }
    touch(node)
  }

  /// Replaces the whole input list.
  public mutating func setInputs(of node: Node.ID, to values: [Value.ID?]) {
    for slot in self[node].inputs.indices { setInput(slot, of: node, to: nil) }
    for (slot, value) in values.enumerated() { setInput(slot, of: node, to: value) }
    _nodes[Int(node.raw)].inputs = values
    touch(node)
  }

  /// Replaces the whole output list. Values that drop out stay, undefined.
  public mutating func setOutputs(of node: Node.ID, to values: [Value.ID?]) {
    for case let old? in self[node].outputs { _values[Int(old.raw)].producer = nil }
    for (slot, value) in values.enumerated() {
      guard let value else { continue }
      precondition(!self[value].isDefined)
      _values[Int(value.raw)].producer = Value.Producer(node: node, output: slot)
    }
    _nodes[Int(node.raw)].outputs = values
    touch(node)
  }

  /// Adds the attribute, or replaces the one of the same name.
  public mutating func setAttribute(_ attribute: Attribute, of node: Node.ID) {
    removeAttribute(attribute.name, of: node)
    _nodes[Int(node.raw)].attributes.append(attribute)
    adopt(attribute.graphs, by: node)
  }

  public mutating func removeAttribute(_ name: String, of node: Node.ID) {
    if let old = self[node].attribute(name) {
      for body in old.graphs where self[body].owner == .node(node) { removeContents(of: body) }
    }
    _nodes[Int(node.raw)].attributes.removeAll { $0.name == name }
    touch(node)
  }

  /// Changes name, operator, documentation or metadata of a node.
  public mutating func updateNode(_ id: Node.ID, _ change: (inout Node) -> Void) {
    change(&_nodes[Int(id.raw)])
    let name = self[id].name
    takenNames?.insert(name)
    touch(id)
  }

  /// Moves a node of the same graph to stand before `successor`, or to the end.
  public mutating func moveNode(_ id: Node.ID, before successor: Node.ID?) {
    guard successor != id else { return }
    unlink(id)
    link(id, before: successor)
    touch(self[id].graph)
  }

  private mutating func adopt(_ bodies: [Graph.ID], by node: Node.ID) {
    for body in bodies { _graphs[Int(body.raw)].owner = .node(node) }
  }

  mutating func removeContents(of graph: Graph.ID) {
    for index in self[graph].outputs.indices {
      let output = self[graph].outputs[index]
      _values[Int(output.raw)].uses.remove(.graphOutput(graph, index: index))
    }
    _graphs[Int(graph.raw)].outputs = []
    while let last = self[graph].lastNode {
      let outputs = self[last].outputs
      removeNode(last)
      removeValues(outputs.compactMap { $0 }.filter { self[$0].uses.isEmpty })
    }
    let constants = Set(self[graph].inputs + self[graph].initializers)
    removeValues(constants.filter { self[$0].uses.isEmpty }.sorted())
  }
}
