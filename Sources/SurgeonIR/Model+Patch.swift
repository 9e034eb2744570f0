/// What applying a patch did, for a driver that keeps a worklist.
public struct PatchEffect: Sendable {
  public var addedNodes: [Node.ID] = []
  /// Nodes that the patch removed, and those that computed only for them.
  public var removedNodes: [Node.ID] = []
  /// Nodes that stay but read or hold something else now, each once.
  public var changedNodes: [Node.ID] = []
  /// Values that were there before and whose producer computes another value now, by which their
  /// readers know them.
  public var movedDefinitions: [Value.ID: Value.ID] = [:]
  /// Values that nothing computes or reads any more, constants included. They are still there, and
  /// a later patch may use them again: remove them together, once, with `Model.removeValues`, when
  /// no more patches follow.
  public var orphanedValues: [Value.ID] = []
}

extension Model {
  /// Carries out a patch.
  ///
  /// Where a replaced value loses its producer, the new producer takes over the value itself: its
  /// readers, its name and its recorded type stay as they are, and so do their messages in the
  /// file. Otherwise the uses move. A name that the world outside knows (a graph output, a pinned
  /// name) stays with what it stood for, by an Identity node where there is no other way.
  ///
  /// - Precondition: the model has not changed since the patch was made.
  /// - Throws: `broken` where the patch removes a node whose outputs are in use. The model is then
  ///   as it was.
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
          node.opType, domain: node.domain,
          name: freshName(node.exactName ?? patch.name(ofNode: node.name)),
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
      case .removeInput(let value):
        removeInput(value)
        released.append(value)
      case .removeOutput(let value):
        removeOutput(value, from: patch.graph)
        released.append(value)
      }
    }
    for node in removals {
      released += valuesRead(by: node) + self[node].outputs.compactMap { $0 }
      removeNode(node)
    }
    effect.removedNodes = removals
    released += replace(replacements, keepingUsesFrom: firstNewNode, into: &effect)
    removeDead(released, into: &effect)
    effect.addedNodes.removeAll { !isAlive($0) }
    var seen: Set<Node.ID> = []
    effect.changedNodes.removeAll { !isAlive($0) || !seen.insert($0).inserted }
    return effect
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
  }
}
