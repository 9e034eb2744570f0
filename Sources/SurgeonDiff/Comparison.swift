internal import SurgeonIR

/// Turns a correspondence into the list of differences: what has no counterpart, what has one that
/// differs, and which of these belong together as one replacement.
struct Comparison {
  let before: Model
  let after: Model
  var matching: Correspondence
  var equality: ConstantEquality
  private var removed: [Node.ID] = []
  private var added: [Node.ID] = []
  var changedConstants: [StructuralDiff.ValuePair] = []
  /// Nodes of the first model that read a constant with other numbers in the second.
  var readersOfChanges: Set<Node.ID> = []

  init(_ before: Model, _ after: Model, _ matching: Correspondence) throws(SurgeonError) {
    self.before = before
    self.after = after
    self.matching = matching
    equality = ConstantEquality(before, after)
    // A function that one model alone has is one difference, whatever is in it.
    let (lost, new) = (
      before.graphsOfFunctions { matching.after($0) == nil },
      after.graphsOfFunctions { matching.before($0) == nil }
    )
    removed = before.allNodes.filter {
      matching.after($0) == nil && !lost.contains(before[$0].graph)
    }
    added = after.allNodes.filter { matching.before($0) == nil && !new.contains(after[$0].graph) }
  }

  mutating func diff() throws(SurgeonError) -> StructuralDiff {
    let pairs = before.allNodes.compactMap { node in
      matching.after(node).map { StructuralDiff.NodePair(before: node, after: $0) }
    }
    try pairConstantsByRole(pairs)
    try pairGivenConstants()
    try pairUnusedConstants()
    pairUnreadConstants()
    try compareConstants()
    var changes: [StructuralDiff.NodeChange] = []
    for pair in pairs {
      if let change = try change(of: pair) { changes.append(change) }
    }
    var diff = StructuralDiff(correspondence: matching)
    var groups = Grouping(before, after, matching, removed: removed, added: added).groups()
    let changedNodes = readersOfChanges.union(changes.map(\.before))
    Absorption(before, after, matching, changedNodes: changedNodes).absorb(into: &groups)
    let absorbing = Set(groups.filter { $0.isReplacement }.flatMap(\.absorbing))
    for group in groups {
      if group.isReplacement {
        diff.replaced.append(group)
      } else {
        diff.removed += group.removed
        diff.added += group.added
      }
    }
    diff.changed = changes.filter { change in
      !absorbing.contains(.init(before: change.before, after: change.after))
    }
    diff.constantsChanged = changedConstants.filter { pair in
      !before[pair.before].uses.contains { use in
        use.node.map { node in absorbing.contains { $0.before == node } } ?? false
      }
    }
    diff.constantsRemoved = looseConstants(of: before, absorbing.map(\.before)) {
      matching.after($0) != nil
    } isReplaced: {
      matching.after($0) == nil
    }
    diff.constantsAdded = looseConstants(of: after, absorbing.map(\.after)) {
      matching.before($0) != nil
    } isReplaced: {
      matching.before($0) == nil
    }
    // A neighbour that absorbed a group computes the group's result, under the group's name.
    diff.renamed = pairs.filter { isRenamed($0) && !absorbing.contains($0) }
    diff.movedCount = countMoves()
    diff.header = HeaderChange.all(before, after, matching)
    return diff
  }

  // MARK: Nodes

  private func change(
    of pair: StructuralDiff.NodePair
  ) throws(SurgeonError) -> StructuralDiff.NodeChange? {
    let (a, b) = (before[pair.before], after[pair.after])
    var change = StructuralDiff.NodeChange(before: pair.before, after: pair.after)
    change.attributes = try AttributeChange.all(a, b)
    for slot in 0..<max(a.inputs.count, b.inputs.count)
    where try !readsTheSame(a.input(slot), b.input(slot)) {
      change.inputs.append(slot)
    }
    for slot in 0..<max(a.outputs.count, b.outputs.count)
    where (a.output(slot) == nil) != (b.output(slot) == nil) {
      change.outputs.append(slot)
    }
    change.types = changedTypes(a, b)
    return change.isEmpty ? nil : change
  }

  /// Where types part: behind it everything has another type, which would say nothing new. Outputs of
  /// the model are told of with the model's.
  private func changedTypes(_ a: Node, _ b: Node) -> [Int] {
    let haveInputsOneType = zip(a.inputs, b.inputs).allSatisfy { x, y in
      guard let x, let y, before[x].initializer == nil, after[y].initializer == nil else {
        return true
      }
      guard let type = before[x].type, let other = after[y].type else { return false }
      return !TypeConflict.exists(type, other)
    }
    guard haveInputsOneType else { return [] }
    return zip(a.outputs, b.outputs).enumerated().compactMap { slot, outputs in
      guard let x = outputs.0, let y = outputs.1, !isModelOutput(x),
        TypeConflict.exists(before[x].type, after[y].type)
      else { return nil }
      return slot
    }
  }

  private func isModelOutput(_ value: Value.ID) -> Bool {
    before[value].uses.contains { use in
      if case .graphOutput(before.mainGraph, _) = use { true } else { false }
    }
  }

  private func readsTheSame(_ x: Value.ID?, _ y: Value.ID?) throws(SurgeonError) -> Bool {
    guard let x, let y else { return x == nil && y == nil }
    if matching.after(x) == y { return true }
    let producers = (before[x].producer?.node, after[y].producer?.node)
    // Around an insertion, a removal or a replacement the neighbours read something else by
    // necessity; the difference is that insertion, not the neighbour.
    if let p = producers.0, matching.after(p) == nil { return true }
    if let q = producers.1, matching.before(q) == nil { return true }
    guard producers.0 == nil, producers.1 == nil, before[x].initializer != nil else { return false }
    return try equality.areEqual(x, y)
  }

  private func isRenamed(_ pair: StructuralDiff.NodePair) -> Bool {
    let (a, b) = (before[pair.before], after[pair.after])
    if a.name != b.name { return true }
    let outputs = zip(a.outputs, b.outputs)
    return outputs.contains { x, y in
      x.map { before[$0].name } != y.map { after[$0].name }
    }
  }

  /// The nodes outside a longest run of counterparts in one order, summed over the graphs.
  private func countMoves() -> Int {
    matching.graphs.reduce(0) { sum, graphs in
      var position: [Node.ID: Int] = [:]
      for (index, node) in after.nodes(of: graphs.after).enumerated() { position[node] = index }
      let sequence = before.nodes(of: graphs.before).compactMap { node in
        matching.after(node).flatMap { position[$0] }
      }
      return sum + sequence.count - longestIncreasingRun(sequence)
    }
  }

  /// Patience sorting: the length of the longest increasing subsequence, in n log n.
  private func longestIncreasingRun(_ sequence: [Int]) -> Int {
    var tails: [Int] = []
    for number in sequence {
      var (low, high) = (0, tails.count)
      while low < high {
        let middle = (low + high) / 2
        if tails[middle] < number { low = middle + 1 } else { high = middle }
      }
      if low == tails.count { tails.append(number) } else { tails[low] = number }
    }
    return tails.count
  }
}

extension StructuralDiff.Replacement {
  var isReplacement: Bool { !removed.isEmpty && (!added.isEmpty || !absorbing.isEmpty) }
}

extension StructuralDiff.NodeChange {
  fileprivate var isEmpty: Bool {
    attributes.isEmpty && inputs.isEmpty && outputs.isEmpty && types.isEmpty
  }
}

extension Model {
  /// The bodies of the functions whose body is wanted, and the bodies in them.
  fileprivate func graphsOfFunctions(where isWanted: (Graph.ID) -> Bool) -> Set<Graph.ID> {
    var found: Set<Graph.ID> = []
    var pending = functions.map(\.body).filter(isWanted)
    while let graph = pending.popLast() {
      found.insert(graph)
      for node in nodes(of: graph) { pending += self[node].bodies }
    }
    return found
  }
}
