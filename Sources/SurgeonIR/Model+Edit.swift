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

  /// Gives the function with this body another name, and all its calls with it.
  public mutating func renameFunction(
    _ body: Graph.ID, to name: String, domain: String, overload: String
  ) {
    guard let index = functions.firstIndex(where: { $0.body == body }) else { return }
    let calls = graphs.flatMap { graph in
      nodes(of: graph).filter { function(calledBy: $0)?.body == body }
    }
    functions[index].name = name
    functions[index].domain = domain
    functions[index].overload = overload
    for node in calls {
      updateNode(node) {
        $0.opType = name
        $0.domain = domain
        $0.overload = overload
      }
    }
  }

  /// Takes out the function with this body. Nothing may call it any more.
  public mutating func removeFunction(_ body: Graph.ID) {
    guard let index = functions.firstIndex(where: { $0.body == body }) else { return }
    removeContents(of: body)
    functions.remove(at: index)
    for later in index..<functions.count {
      _graphs[Int(functions[later].body.raw)].owner = .function(later)
    }
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

  /// Replaces the whole list of inputs of `graph`.
  public mutating func setInputs(of graph: Graph.ID, to values: [Value.ID]) {
    for old in self[graph].inputs { _values[Int(old.raw)].isGraphInput = false }
    _graphs[Int(graph.raw)].inputs = values
    for value in values { _values[Int(value.raw)].isGraphInput = true }
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

  /// Replaces the whole list of outputs of `graph`.
  public mutating func setOutputs(of graph: Graph.ID, to values: [Value.ID]) {
    for (index, old) in self[graph].outputs.enumerated() {
      _values[Int(old.raw)].uses.remove(.graphOutput(graph, index: index))
    }
    _graphs[Int(graph.raw)].outputs = values
    for (index, value) in values.enumerated() {
      _values[Int(value.raw)].uses.insert(.graphOutput(graph, index: index))
    }
    touch(graph)
  }

  /// Makes `value` a constant, or no constant when `tensor` is nil.
  public mutating func setInitializer(_ tensor: Tensor?, of value: Value.ID) {
    precondition(self[value].producer == nil)
    let graph = self[value].graph
    let wasInitializer = self[value].hasInitializer
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
      let isListed = self[value].isGraphInput || self[value].hasInitializer
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
}
