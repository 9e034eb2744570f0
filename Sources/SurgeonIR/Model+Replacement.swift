// The second half of applying a patch: what was replaced, and what is left over.
extension Model {
  /// Carries out replacements in order. A later one that names a value of which the definition has
  /// moved means the value it has moved to.
  ///
  /// - Returns: values that may have lost their last reader.
  mutating func replace(
    _ replacements: [(old: Value.ID, new: Value.ID)], keepingUsesFrom firstNewNode: Int32,
    into effect: inout PatchEffect
  ) -> [Value.ID] {
    var released: [Value.ID] = []
    var moved: [Value.ID: Value.ID] = [:]
    for (old, new) in replacements {
      var new = new
      while let next = moved[new] { new = next }
      guard new != old else { continue }
      released += [old, new]
      if canMoveDefinition(of: new, to: old) {
        effect.changedNodes += moveDefinition(of: new, to: old)
        moved[new] = old
        moved[old] = nil
      } else {
        replaceUses(of: old, with: new, keepingUsesFrom: firstNewNode, into: &effect)
      }
    }
    effect.movedDefinitions = moved
    return released
  }

  /// True where `old` lost its producer and `new` is known to nobody by name.
  private func canMoveDefinition(of new: Value.ID, to old: Value.ID) -> Bool {
    !self[old].isDefined && self[new].producer != nil && !self[new].isGraphOutput
      && self[old].graph == self[new].graph && !pinnedNames.contains(self[new].name)
  }

  /// The producer of `new` produces `old` instead, and the readers of `new` read that.
  ///
  /// - Returns: the nodes that hold or read something else now.
  private mutating func moveDefinition(of new: Value.ID, to old: Value.ID) -> [Node.ID] {
    guard let producer = self[new].producer else { return [] }
    replaceUses(of: new, with: old)
    let type = self[new].type
    var outputs = self[producer.node].outputs
    outputs[producer.output] = old
    setOutputs(of: producer.node, to: outputs)
    if self[old].type == nil, let type { setType(type, of: old) }
    return [producer.node] + self[old].uses.compactMap(\.node)
  }

  /// Sends the uses of `old`, but for those of nodes that the patch itself has made, to `new`.
  private mutating func replaceUses(
    of old: Value.ID, with new: Value.ID, keepingUsesFrom firstNewNode: Int32,
    into effect: inout PatchEffect
  ) {
    effect.changedNodes += self[old].uses.compactMap(\.node).filter { $0.raw < firstNewNode }
    if self[new].type == nil, let type = self[old].type { setType(type, of: new) }
    let isPublic = self[old].isGraphOutput || pinnedNames.contains(self[old].name)
    if isPublic, !canTakeName(new, of: old) {
      spellName(of: old, by: new, into: &effect)
    }
    let name = self[old].name
    let isRenamed = isPublic && canTakeName(new, of: old)
    replaceUses(of: old, with: new) { use in
      switch use {
      case .node(let node, _): node.raw < firstNewNode
      case .graphOutput: isRenamed || !isPublic
      }
    }
    if isRenamed {
      rename(old, to: freshName(name + "_inner"))
      rename(new, to: name)
    }
  }

  /// True where `new` may be called as `old` is: nobody outside knows its own name.
  private func canTakeName(_ new: Value.ID, of old: Value.ID) -> Bool {
    self[new].graph == self[old].graph && !self[new].isGraphInput && !self[new].isGraphOutput
      && !pinnedNames.contains(self[new].name)
  }

  /// An Identity node computes, under the public name of `old`, what `new` is. The value `old`
  /// stays where it has no producer any more, and moves aside where it has.
  private mutating func spellName(
    of old: Value.ID, by new: Value.ID, into effect: inout PatchEffect
  ) {
    let (graph, name, type) = (self[old].graph, self[old].name, self[old].type)
    var output = old
    if self[old].isDefined {
      rename(old, to: freshName(name + "_inner"))
      output = addValue(named: name, type: nil, in: graph)
      if let type { setType(type, of: output) }
      replaceUses(of: old, with: output) { $0.isGraphOutput }
    }
    let identity = addNode(
      "Identity", name: freshName(name + "_identity"), inputs: [new], outputs: [output], in: graph)
    effect.addedNodes.append(identity)
  }

  /// Removes nodes that computed only what nobody reads any more, from `values` upward.
  mutating func removeDead(_ values: [Value.ID], into effect: inout PatchEffect) {
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
        pending += valuesRead(by: producer) + outputs
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

  /// What a node reads, by itself and in its bodies.
  public func valuesRead(by node: Node.ID) -> [Value.ID] {
    let node = self[node]
    let own = node.inputs.compactMap(\.self)
    return node.bodies.isEmpty ? own : own + node.bodies.flatMap { outerValues(readIn: $0) }
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
}
