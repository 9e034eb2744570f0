internal import SurgeonIR

/// Finds where groups of removed nodes went that no other nodes replaced: into a counterpart next to
/// them whose constants changed, as a normalisation is folded into its convolution.
struct Absorption {
  private let before: Model
  private let after: Model
  private let matching: Correspondence
  /// Nodes of the first model whose counterparts read something else.
  private var changedNodes: Set<Node.ID>

  init(
    _ before: Model, _ after: Model, _ matching: Correspondence, changedNodes: Set<Node.ID>
  ) {
    self.before = before
    self.after = after
    self.matching = matching
    self.changedNodes = changedNodes
    self.changedNodes.formUnion(readersOfNewConstants())
  }

  func absorb(into groups: inout [StructuralDiff.Replacement]) {
    for index in groups.indices where groups[index].added.isEmpty {
      let removed = groups[index].removed
      let producers = removed.flatMap { node in
        before[node].inputs.compactMap { $0.flatMap { before[$0].producer?.node } }
      }
      // What comes before a group takes it over if it can: what comes after it may have changed
      // because of a group of its own.
      groups[index].absorbing = changed(producers, outside: removed)
      guard groups[index].absorbing.isEmpty else { continue }
      let readers = removed.flatMap { node in
        before[node].outputs.flatMap { $0.map { before[$0].uses.compactMap(\.node) } ?? [] }
      }
      groups[index].absorbing = changed(readers, outside: removed)
    }
    merge(&groups)
  }

  private func changed(
    _ neighbours: [Node.ID], outside group: [Node.ID]
  ) -> [StructuralDiff.NodePair] {
    var seen = Set(group)
    return neighbours.compactMap { node in
      guard changedNodes.contains(node), seen.insert(node).inserted,
        let other = matching.after(node)
      else { return nil }
      return StructuralDiff.NodePair(before: node, after: other)
    }
  }

  /// Nodes that read a constant of their own where a removed node's result was: it was computed.
  private func readersOfNewConstants() -> [Node.ID] {
    before.allNodes.filter { node in
      guard let other = matching.after(node) else { return false }
      return zip(before[node].inputs, after[other].inputs).contains { x, y in
        guard let x, let y, let producer = before[x].producer?.node else { return false }
        return matching.after(producer) == nil && after[y].initializer != nil
          && matching.before(y) == nil
      }
    }
  }

  /// Groups that went into one node, or into two that feed one another, are one replacement: a
  /// normalisation with its scale tail.
  private func merge(_ groups: inout [StructuralDiff.Replacement]) {
    var ownerOf: [Node.ID: Int] = [:]
    var merged: [StructuralDiff.Replacement] = []
    for group in groups {
      var near: [Node.ID] = []
      for pair in group.absorbing where group.added.isEmpty {
        near.append(pair.before)
        near += before[pair.before].inputs.compactMap { $0.flatMap { before[$0].producer?.node } }
      }
      if let owner = near.compactMap({ ownerOf[$0] }).first {
        merged[owner].removed += group.removed
        for pair in group.absorbing where !merged[owner].absorbing.contains(pair) {
          merged[owner].absorbing.append(pair)
        }
        for pair in group.absorbing { ownerOf[pair.before] = owner }
      } else {
        if group.added.isEmpty {
          for pair in group.absorbing { ownerOf[pair.before] = merged.count }
        }
        merged.append(group)
      }
    }
    groups = merged
  }
}
