// Edits. Each keeps three things true: a value knows its uses, a name is found in its scope, and a
// message that was changed (with every message around it) has lost its origin.
extension Model {
  // MARK: Graphs and functions

  /// A new empty graph. A body's owner may be set later, by `addNode` or `setAttribute`, when the
  /// node that holds it exists.
  public mutating func addGraph(owner: Graph.Owner) -> Graph.ID {
    let id = Graph.ID(raw: Int32(_graphs.count))
    _graphs.append(Graph(owner: owner))
    return id
  }

  /// Adds a function whose body is a graph made by `addGraph(owner: .function(functions.count))`.
  public mutating func addFunction(_ function: Function) {
    precondition(self[function.body].owner == .function(functions.count))
    functions.append(function)
  }

  public mutating func setHeader(_ header: Graph.Header, of graph: Graph.ID) {
    _graphs[Int(graph.raw)].header = header
    touch(graph)
  }

  // MARK: Values

  /// A new value that nothing defines yet.
  ///
  /// - Precondition: `graph` itself defines no value called `name`.
  public mutating func addValue(
    named name: String, type: ValueType? = nil, in graph: Graph.ID
  ) -> Value.ID {
    let id = Value.ID(raw: Int32(_values.count))
    precondition(_graphs[Int(graph.raw)].valuesByName.updateValue(id, forKey: name) == nil)
    takenNames?.insert(name)
    _values.append(Value(name: name, graph: graph, type: type))
    return id
  }

  /// Appends `value` to the inputs of its graph.
  public mutating func addInput(_ value: Value.ID) {
    let graph = self[value].graph
    precondition(!self[value].isGraphInput && self[value].producer == nil)
    _values[Int(value.raw)].isGraphInput = true
    _graphs[Int(graph.raw)].inputs.append(value)
    touch(graph)
  }

  /// Takes `value` off the inputs of its graph.
  public mutating func removeInput(_ value: Value.ID) {
    let graph = self[value].graph
    _values[Int(value.raw)].isGraphInput = false
    _graphs[Int(graph.raw)].inputs.removeAll { $0 == value }
    touch(graph)
  }

  /// Appends `value` to the outputs of `graph`.
  public mutating func addOutput(_ value: Value.ID, to graph: Graph.ID) {
    let index = self[graph].outputs.count
    _graphs[Int(graph.raw)].outputs.append(value)
    _values[Int(value.raw)].uses.insert(.graphOutput(graph, index: index))
    touch(graph)
  }

  /// Takes `value` off the outputs of `graph`, wherever it stands among them.
  public mutating func removeOutput(_ value: Value.ID, from graph: Graph.ID) {
    let outputs = self[graph].outputs
    for (index, output) in outputs.enumerated() {
      _values[Int(output.raw)].uses.remove(.graphOutput(graph, index: index))
    }
    let kept = outputs.filter { $0 != value }
    _graphs[Int(graph.raw)].outputs = kept
    for (index, output) in kept.enumerated() {
      _values[Int(output.raw)].uses.insert(.graphOutput(graph, index: index))
    }
    touch(graph)
  }

  /// Makes `value` the output number `index` of `graph`.
  public mutating func setOutput(_ index: Int, of graph: Graph.ID, to value: Value.ID) {
    let use = Use.graphOutput(graph, index: index)
    _values[Int(self[graph].outputs[index].raw)].uses.remove(use)
    _graphs[Int(graph.raw)].outputs[index] = value
    _values[Int(value.raw)].uses.insert(use)
    touch(graph)
  }

  /// Makes `value` a constant, or no constant when `tensor` is nil.
  public mutating func setInitializer(_ tensor: Tensor?, of value: Value.ID) {
    precondition(self[value].producer == nil)
    let graph = self[value].graph
    let wasInitializer =
      self[value].initializer != nil || self[value].sparseInitializer != nil
    _values[Int(value.raw)].initializer = tensor
    _values[Int(value.raw)].sparseInitializer = nil
    if wasInitializer != (tensor != nil) {
      if tensor == nil {
        _graphs[Int(graph.raw)].initializers.removeAll { $0 == value }
      } else {
        _graphs[Int(graph.raw)].initializers.append(value)
      }
    }
    touch(graph)
  }

  /// Makes `value` a sparse constant.
  public mutating func setSparseInitializer(_ tensor: SparseTensor, of value: Value.ID) {
    precondition(self[value].producer == nil && self[value].initializer == nil)
    if self[value].sparseInitializer == nil {
      _graphs[Int(self[value].graph.raw)].initializers.append(value)
    }
    _values[Int(value.raw)].sparseInitializer = tensor
    touch(self[value].graph)
  }

  /// Records what is known of the value's type; it is written as a `value_info` unless the value
  /// is a graph input or output, whose type is written there.
  public mutating func setType(_ type: ValueType?, of value: Value.ID) {
    _values[Int(value.raw)].type = type
    _values[Int(value.raw)].hasValueInfo = type != nil
    _values[Int(value.raw)].origin = nil
    touch(self[value].graph)
  }

  /// Gives `value` the name `name`, which its graph must not define yet. An initializer keeps its
  /// origin: the writer takes everything but the name from there.
  public mutating func rename(_ value: Value.ID, to name: String) {
    guard self[value].name != name else { return }
    let graph = Int(self[value].graph.raw)
    precondition(_graphs[graph].valuesByName[name] == nil)
    _graphs[graph].valuesByName[self[value].name] = nil
    _graphs[graph].valuesByName[name] = value
    takenNames?.insert(name)
    _values[Int(value.raw)].name = name
    _values[Int(value.raw)].origin = nil
    touch(self[value].graph)
    if let producer = self[value].producer { touch(producer.node) }
    for use in self[value].uses {
      switch use {
      case .node(let node, _): touch(node)
      case .graphOutput(let graph, _): touch(graph)
      }
    }
  }

  /// Removes values that nothing produces or uses any more, with their initializers, types and
  /// places among the graph inputs; those that are gone or in use again stay as they are. One pass
  /// over the lists of the graphs concerned, however many values there are.
  public mutating func removeValues(_ values: [Value.ID]) {
    var graphs: Set<Graph.ID> = []
    for value in values
    where isAlive(value) && self[value].producer == nil && self[value].uses.isEmpty {
      let graph = self[value].graph
      _graphs[Int(graph.raw)].valuesByName[self[value].name] = nil
      let isListed =
        self[value].isGraphInput || self[value].initializer != nil
        || self[value].sparseInitializer != nil
      if isListed { graphs.insert(graph) }
      _values[Int(value.raw)].isRemoved = true
      _values[Int(value.raw)].isGraphInput = false
      _values[Int(value.raw)].type = nil
      _values[Int(value.raw)].initializer = nil
      _values[Int(value.raw)].sparseInitializer = nil
      touch(graph)
    }
    for graph in graphs {
      let inputs = self[graph].inputs.filter { self.isAlive($0) }
      let initializers = self[graph].initializers.filter { self.isAlive($0) }
      _graphs[Int(graph.raw)].inputs = inputs
      _graphs[Int(graph.raw)].initializers = initializers
    }
  }

  /// Sends every use of `old` (those that `condition` accepts) to `new`.
  public mutating func replaceUses(
    of old: Value.ID, with new: Value.ID, where condition: (Use) -> Bool = { _ in true }
  ) {
    for use in Array(self[old].uses) where condition(use) {
      switch use {
      case .node(let node, let input): setInput(input, of: node, to: new)
      case .graphOutput(let graph, let index): setOutput(index, of: graph, to: new)
      }
    }
  }

  // MARK: Nodes

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
    for body in self[id].bodies { removeContents(of: body) }
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

  /// Makes input `slot` read `value`, or leaves it out; slots past the end are added.
  public mutating func setInput(_ slot: Int, of node: Node.ID, to value: Value.ID?) {
    while self[node].inputs.count <= slot { _nodes[Int(node.raw)].inputs.append(nil) }
    if let old = self[node].inputs[slot] {
      _values[Int(old.raw)].uses.remove(.node(node, input: slot))
    }
    _nodes[Int(node.raw)].inputs[slot] = value
    if let value { _values[Int(value.raw)].uses.insert(.node(node, input: slot)) }
    touch(node)
  }

  /// Replaces the whole input list.
  public mutating func setInputs(of node: Node.ID, to values: [Value.ID?]) {
    for slot in self[node].inputs.indices { setInput(slot, of: node, to: nil) }
    _nodes[Int(node.raw)].inputs = Array(repeating: nil, count: values.count)
    for (slot, value) in values.enumerated() { setInput(slot, of: node, to: value) }
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
      for body in old.graphs { removeContents(of: body) }
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

  // MARK: Names

  /// A name that no value and no node of the model has: `base`, or `base_1`, `base_2`, ...
  public mutating func freshName(_ base: String) -> String {
    if takenNames == nil {
      var names = Set<String>(minimumCapacity: _values.count + _nodes.count)
      for value in _values { names.insert(value.name) }
      for node in _nodes where !node.name.isEmpty { names.insert(node.name) }
      names.formUnion(pinnedNames)
      takenNames = names
    }
    var candidate = base
    var suffix = nextSuffixes[base, default: 1]
    while takenNames?.contains(candidate) == true {
      candidate = "\(base)_\(suffix)"
      suffix += 1
    }
    // A thousand nodes without names ask for one and the same base.
    if suffix > 1 { nextSuffixes[base] = suffix }
    takenNames?.insert(candidate)
    return candidate
  }

  // MARK: Origins

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

  // MARK: Private parts

  private mutating func touch(_ node: Node.ID) {
    _nodes[Int(node.raw)].origin = nil
    touch(self[node].graph)
  }

  /// Drops the origin of a graph and of everything around it. A graph without one has been here
  /// before, and so have its surroundings.
  private mutating func touch(_ graph: Graph.ID) {
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

  private mutating func adopt(_ bodies: [Graph.ID], by node: Node.ID) {
    for body in bodies { _graphs[Int(body.raw)].owner = .node(node) }
  }

  private mutating func removeContents(of graph: Graph.ID) {
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

  // MARK: The linked node list

  private mutating func link(_ id: Node.ID, before successor: Node.ID?) {
    let graph = Int(self[id].graph.raw)
    let previous = successor.map { self[$0].previous } ?? _graphs[graph].lastNode
    _nodes[Int(id.raw)].previous = previous
    _nodes[Int(id.raw)].next = successor
    if let previous { _nodes[Int(previous.raw)].next = id } else { _graphs[graph].firstNode = id }
    if let successor {
      _nodes[Int(successor.raw)].previous = id
    } else {
      _graphs[graph].lastNode = id
    }
    _graphs[graph].nodeCount += 1
    let low = previous.map { self[$0].orderKey }
    let high = successor.map { self[$0].orderKey }
    let key: Double =
      switch (low, high) {
      case (let low?, let high?): low + (high - low) / 2
      case (let low?, nil): low + 1
      case (nil, let high?): high - 1
      case (nil, nil): 0
      }
    _nodes[Int(id.raw)].orderKey = key
    if key == low || key == high { renumber(_graphs[graph].firstNode) }
  }

  /// Restores unit gaps after some fifty insertions at one and the same place.
  private mutating func renumber(_ first: Node.ID?) {
    var key = 0.0
    var current = first
    while let node = current {
      _nodes[Int(node.raw)].orderKey = key
      key += 1
      current = self[node].next
    }
  }

  private mutating func unlink(_ id: Node.ID) {
    let graph = Int(self[id].graph.raw)
    let (previous, next) = (self[id].previous, self[id].next)
    if let previous {
      _nodes[Int(previous.raw)].next = next
    } else {
      _graphs[graph].firstNode = next
    }
    if let next {
      _nodes[Int(next.raw)].previous = previous
    } else {
      _graphs[graph].lastNode = previous
    }
    _nodes[Int(id.raw)].previous = nil
    _nodes[Int(id.raw)].next = nil
    _graphs[graph].nodeCount -= 1
  }
}
