extension Model {
  /// Everything about the arena that an edit must keep true, as sentences about what is not.
  ///
  /// - A node's inputs and the uses of values mirror each other; so do outputs and producers.
  /// - The node list of a graph is linked both ways, counted, and in the order of its keys.
  /// - A name denotes one value of its graph.
  /// - What a node reads is visible to it, and is computed before it (if the node and the
  ///   producer stand in one graph).
  /// - A changed message lies in changed messages only.
  public func brokenInvariants() -> [String] {
    var broken: [String] = []
    for graph in graphs {
      checkList(of: graph, &broken)
      checkNames(of: graph, &broken)
      for (index, output) in self[graph].outputs.enumerated()
      where !self[output].uses.contains(.graphOutput(graph, index: index)) {
        broken.append("output \(index) of graph \(graph.raw) is no use of '\(self[output].name)'")
      }
      for input in self[graph].inputs where !self[input].isGraphInput || !isAlive(input) {
        broken.append("input '\(self[input].name)' of graph \(graph.raw) does not know it is one")
      }
      for value in self[graph].initializers
      where self[value].initializer == nil && self[value].sparseInitializer == nil {
        broken.append("initializer '\(self[value].name)' of graph \(graph.raw) has no numbers")
      }
      for node in nodes(of: graph) { check(node, &broken) }
    }
    for value in allValues { check(value, &broken) }
    return broken
  }

  /// The same, for some nodes and the values that they read and write: what a patch may have broken.
  ///
  /// Nodes that are gone, and values with more than 64 readers, are left out: the cost is that of
  /// the nodes, not that of the model.
  public func brokenInvariants(around nodes: [Node.ID]) -> [String] {
    var broken: [String] = []
    var values: Set<Value.ID> = []
    for node in Set(nodes) where isAlive(node) {
      check(node, &broken)
      values.formUnion(self[node].inputs.compactMap { $0 })
      values.formUnion(self[node].outputs.compactMap { $0 })
    }
    for value in values where self[value].uses.count <= 64 { check(value, &broken) }
    return broken
  }

  /// Stops the program where an invariant is broken. A broken invariant is a programmer's mistake;
  /// what a file holds is checked when it is read.
  public func checkInvariants() {
    let broken = brokenInvariants()
    precondition(broken.isEmpty, broken.joined(separator: "; "))
  }

  private func checkList(of graph: Graph.ID, _ broken: inout [String]) {
    var previous: Node.ID?
    var count = 0
    for node in nodes(of: graph) {
      if self[node].previous != previous {
        broken.append("node \(node.raw) is linked one way only")
      }
      if self[node].graph != graph { broken.append("node \(node.raw) stands in a foreign list") }
      if let previous, !isBefore(previous, node) {
        broken.append("node \(node.raw) has an order key that does not grow")
      }
      previous = node
      count += 1
    }
    if self[graph].lastNode != previous || self[graph].nodeCount != count {
      broken.append("graph \(graph.raw) miscounts its nodes")
    }
  }

  private func checkNames(of graph: Graph.ID, _ broken: inout [String]) {
    for (name, value) in self[graph].valuesByName
    where !isAlive(value) || self[value].name != name || self[value].graph != graph {
      broken.append("name '\(name)' of graph \(graph.raw) denotes another value")
    }
  }

  private func check(_ node: Node.ID, _ broken: inout [String]) {
    let record = self[node]
    for (slot, input) in record.inputs.enumerated() {
      guard let input else { continue }
      if !self[input].uses.contains(.node(node, input: slot)) {
        broken.append("input \(slot) of node \(node.raw) is no use of '\(self[input].name)'")
      }
      if !isVisible(self[input].graph, from: record.graph) {
        broken.append("node \(node.raw) reads '\(self[input].name)' of a graph it cannot see")
      }
      if let producer = self[input].producer?.node, self[producer].graph == record.graph,
        !isBefore(producer, node)
      {
        broken.append("node \(node.raw) reads '\(self[input].name)' before it is computed")
      }
    }
    for (slot, output) in record.outputs.enumerated() {
      guard let output else { continue }
      if self[output].producer != Value.Producer(node: node, output: slot) {
        broken.append("output \(slot) of node \(node.raw) has another producer")
      }
    }
    for body in record.bodies where self[body].owner != .node(node) {
      broken.append("body \(body.raw) does not know its node \(node.raw)")
    }
    for body in record.bodies where self[body].origin == nil && record.origin != nil {
      broken.append("body \(body.raw) has changed inside a node that says it has not")
    }
    if record.origin == nil, self[record.graph].origin != nil {
      broken.append("node \(node.raw) has changed inside a graph that says it has not")
    }
  }

  private func check(_ value: Value.ID, _ broken: inout [String]) {
    let record = self[value]
    if record.graph.raw >= graphTableCount || self[record.graph].valuesByName[record.name] != value
    {
      broken.append("'\(record.name)' is not found under its name")
    }
    if let producer = record.producer,
      !isAlive(producer.node) || self[producer.node].output(producer.output) != value
    {
      broken.append("'\(record.name)' names a producer that does not compute it")
    }
    for use in record.uses {
      let isReal =
        switch use {
        case .node(let node, let input): isAlive(node) && self[node].input(input) == value
        case .graphOutput(let graph, let index):
          self[graph].outputs.indices.contains(index) && self[graph].outputs[index] == value
        }
      if !isReal { broken.append("'\(record.name)' has a use that does not read it") }
    }
  }

  private func isVisible(_ outer: Graph.ID, from inner: Graph.ID) -> Bool {
    var current: Graph.ID? = inner
    while let graph = current {
      if graph == outer { return true }
      current = parent(of: graph)
    }
    return false
  }
}
