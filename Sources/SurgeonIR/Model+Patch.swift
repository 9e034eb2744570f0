/// What applying a patch did, for a driver that keeps a worklist.
public struct PatchEffect: Sendable {
  public var addedNodes: [Node.ID] = []
  /// Nodes that the patch removed, and those that computed only for them.
  public var removedNodes: [Node.ID] = []
  /// Nodes that stay but read or hold something else now.
  public var changedNodes: [Node.ID] = []
  /// Values that nothing defines or reads any more. They are still there: remove them together,
  /// once, with `Model.removeValues`, when no more patches follow.
  public var orphanedValues: [Value.ID] = []
}

extension Model {
  /// Carries out a patch.
  ///
  /// Where a replaced value loses its producer, the new producer takes over the value itself: its
  /// readers, its name and its recorded type stay as they are, and so do their messages in the
  /// file. Otherwise the uses move, and a public name moves with them.
  ///
  /// - Precondition: the model has not changed since the patch was made.
  /// - Throws: `broken` where the patch does not fit the graph: a node is removed while its outputs
  ///   are in use, or a graph input or constant would have to take over the name of a graph output.
  ///   The model is then as it was.
  public mutating func apply(_ patch: Patch) throws(SurgeonError) -> PatchEffect {
    precondition(patch.fits(self), "the model has changed since the patch was made")
    try check(patch)
    var effect = PatchEffect()
    var released: [Value.ID] = []
    var removals: [Node.ID] = []
    var replacements: [(old: Value.ID, new: Value.ID)] = []
    let firstNewNode = Int32(nodeTableCount)
    for step in patch.steps {
      switch step {
      case .addValue(_, let name, let type):
        let value = addValue(named: freshName(name), in: patch.graph)
        if let type { setType(type, of: value) }
      case .setInitializer(let value, let tensor): setInitializer(tensor, of: value)
      case .addNode(let node):
        let id = addNode(
          node.opType, domain: node.domain, name: freshName(patch.name(ofNode: node.name)),
          inputs: node.inputs, outputs: node.outputs, attributes: node.attributes,
          metadata: header.irVersion >= 10 ? node.metadata : [], in: patch.graph,
          before: node.isFirst ? self[patch.graph].firstNode : patch.anchor)
        effect.addedNodes.append(id)
      case .replace(let old, let new): replacements.append((old, new))
      case .removeNode(let node): removals.append(node)
      case .setInput(let slot, let node, let value):
        if let old = self[node].input(slot) { released.append(old) }
        setInput(slot, of: node, to: value)
        effect.changedNodes.append(node)
      case .setOutputs(let node, let values):
        released += self[node].outputs.compactMap { $0 }
        setOutputs(of: node, to: values)
        effect.changedNodes.append(node)
      case .setAttribute(let attribute, let node):
        setAttribute(attribute, of: node)
        effect.changedNodes.append(node)
      case .removeAttribute(let name, let node):
        removeAttribute(name, of: node)
        effect.changedNodes.append(node)
      case .addInput(let value): addInput(value)
      case .addOutput(let value, let state):
        if let state { rename(value, to: freshName(self[state].name + ".next")) }
        addOutput(value, to: patch.graph)
      }
    }
    for node in removals {
      released += self[node].inputs.compactMap { $0 } + self[node].outputs.compactMap { $0 }
      removeNode(node)
    }
    effect.removedNodes = removals
    for (old, new) in replacements {
      released += [old, new]
      effect.changedNodes += replace(old, with: new, keepingUsesFrom: firstNewNode)
    }
    removeDead(released, into: &effect)
    return effect
  }

  /// Returns the nodes that read something else now.
  private mutating func replace(
    _ old: Value.ID, with new: Value.ID, keepingUsesFrom firstNewNode: Int32
  ) -> [Node.ID] {
    if self[old].producer == nil, !self[old].isDefined, let producer = self[new].producer,
      !self[new].isGraphOutput, self[old].graph == self[new].graph
    {
      let readers = self[new].uses.compactMap(\.node)
      replaceUses(of: new, with: old)
      let (type, hadType) = (self[new].type, self[old].type != nil)
      var outputs = self[producer.node].outputs
      outputs[producer.output] = old
      setOutputs(of: producer.node, to: outputs)
      if !hadType, let type { setType(type, of: old) }
      return readers + [producer.node] + self[old].uses.compactMap(\.node)
    }
    let readers = self[old].uses.compactMap(\.node).filter { $0.raw < firstNewNode }
    let isPublic = self[old].isGraphOutput
    replaceUses(of: old, with: new) { use in
      guard let node = use.node else { return true }
      return node.raw < firstNewNode
    }
    if self[new].type == nil, let type = self[old].type { setType(type, of: new) }
    if isPublic {
      let name = self[old].name
      rename(old, to: freshName(name + "_inner"))
      rename(new, to: name)
    }
    return readers
  }

  /// Removes nodes that computed only what nobody reads any more, from `values` upward.
  private mutating func removeDead(_ values: [Value.ID], into effect: inout PatchEffect) {
    var pending = values
    var seen: Set<Value.ID> = []
    while let value = pending.popLast() {
      guard isAlive(value), self[value].uses.isEmpty, !pinnedNames.contains(self[value].name) else {
        continue
      }
      if let producer = self[value].producer?.node {
        let outputs = self[producer].outputs.compactMap { $0 }
        let isDead = outputs.allSatisfy {
          self[$0].uses.isEmpty && !pinnedNames.contains(self[$0].name)
        }
        guard isDead else { continue }
        pending += self[producer].inputs.compactMap { $0 } + outputs
        // Values that only the bodies of the dead node read.
        for body in self[producer].bodies { pending += outerValues(readIn: body) }
        removeNode(producer)
        effect.removedNodes.append(producer)
      } else if seen.insert(value).inserted, !isInterface(value) {
        effect.orphanedValues.append(value)
      }
    }
  }

  /// True for a graph input that callers see. In IR versions below 4 every initializer had to be
  /// listed as an input, so there such an input is no interface.
  private func isInterface(_ value: Value.ID) -> Bool {
    self[value].isGraphInput && !(header.irVersion < 4 && self[value].initializer != nil)
  }

  /// Values of outer graphs that the nodes of `body` read, nested bodies included.
  public func outerValues(readIn body: Graph.ID) -> [Value.ID] {
    var result: [Value.ID] = []
    var bodies: Set<Graph.ID> = [body]
    var pending = [body]
    while let graph = pending.popLast() {
      for node in nodes(of: graph) {
        for case let input? in self[node].inputs where !bodies.contains(self[input].graph) {
          result.append(input)
        }
        bodies.formUnion(self[node].bodies)
        pending += self[node].bodies
      }
      result += self[graph].outputs.filter { !bodies.contains(self[$0].graph) }
    }
    return result
  }

  private func check(_ patch: Patch) throws(SurgeonError) {
    var removed: Set<Node.ID> = []
    var replaced: Set<Value.ID> = []
    var rewired: Set<Use> = []
    for step in patch.steps {
      switch step {
      case .removeNode(let node): removed.insert(node)
      case .replace(let old, _): replaced.insert(old)
      case .setOutputs(_, let values): replaced.formUnion(values.compactMap { $0 })
      case .setInput(let slot, let node, _): rewired.insert(.node(node, input: slot))
      default: break
      }
    }
    for node in removed {
      for case let output? in self[node].outputs where !replaced.contains(output) {
        let isRead = self[output].uses.contains { use in
          guard let reader = use.node else { return true }
          return !removed.contains(reader) && !rewired.contains(use)
        }
        if isRead {
          throw SurgeonError(
            .broken,
            "a patch removes node '\(self[node].name)' while its output "
              + "'\(self[output].name)' is still read")
        }
      }
    }
    for case .replace(let old, let new) in patch.steps where !patch.isNew(new) {
      let isFree =
        self[new].producer != nil && !self[new].isGraphOutput && self[new].graph == self[old].graph
      if self[old].isGraphOutput, !isFree {
        throw SurgeonError(
          .broken,
          "a patch would give the public name '\(self[old].name)' to "
            + "'\(self[new].name)', which has one of its own")
      }
    }
  }
}
