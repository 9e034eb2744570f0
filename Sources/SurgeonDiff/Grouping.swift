internal import SurgeonIR

/// Sorts nodes without counterparts into groups that belong together.
///
/// Removed nodes that feed one another form a group, and so do added ones; a removed and an added
/// group become one where they feed the same input of a counterpart or the same graph output. A
/// value that both models have under one name, computed by a removed node here and by an added one
/// there, is a boundary: what stands before it and what stands after it are two replacements. Added
/// nodes that took nobody's place but read the same new input of the graph as one replacement belong
/// to it: they keep its state.
struct Grouping {
  private let before: Model
  private let after: Model
  private let matching: Correspondence
  private let removed: [Node.ID]
  private let added: [Node.ID]
  private var parents: [Int]
  private var indexOfRemoved: [Node.ID: Int] = [:]
  private var indexOfAdded: [Node.ID: Int] = [:]

  init(
    _ before: Model, _ after: Model, _ matching: Correspondence, removed: [Node.ID],
    added: [Node.ID]
  ) {
    self.before = before
    self.after = after
    self.matching = matching
    self.removed = removed
    self.added = added
    parents = Array(0..<(removed.count + added.count))
    for (index, node) in removed.enumerated() { indexOfRemoved[node] = index }
    for (index, node) in added.enumerated() { indexOfAdded[node] = removed.count + index }
  }

  /// The groups in the order of their first nodes.
  func groups() -> [StructuralDiff.Replacement] {
    var copy = self
    copy.joinAll()
    var groups: [Int: StructuralDiff.Replacement] = [:]
    var order: [Int] = []
    for (index, node) in (removed + added).enumerated() {
      let root = copy.find(index)
      if groups[root] == nil { order.append(root) }
      if index < removed.count {
        groups[root, default: .init()].removed.append(node)
      } else {
        groups[root, default: .init()].added.append(node)
      }
    }
    return order.compactMap { groups[$0] }
  }

  private mutating func joinAll() {
    var boundaries: Set<Value.ID> = []
    for node in removed {
      for case let output? in before[node].outputs {
        if let namesake = namesake(of: output), let producer = after[namesake].producer?.node,
          let other = indexOfAdded[producer], let own = indexOfRemoved[node]
        {
          join(own, other)
          boundaries.insert(namesake)
          continue
        }
        for use in before[output].uses { joinRemoved(node, use) }
      }
    }
    for node in added {
      for case let output? in after[node].outputs where !boundaries.contains(output) {
        for use in after[output].uses {
          if let own = indexOfAdded[node], let other = use.node.flatMap({ indexOfAdded[$0] }) {
            join(own, other)
          }
        }
      }
    }
    joinReadersOfNewInputs()
  }

  private mutating func joinReadersOfNewInputs() {
    var readers: [Value.ID: [Int]] = [:]
    for (index, node) in added.enumerated() {
      for case let input? in after[node].inputs where isNew(input) {
        readers[input, default: []].append(removed.count + index)
      }
    }
    let replacements = Set(removed.indices.map { find($0) })
    for indices in readers.values.sorted(by: { $0[0] < $1[0] }) {
      let roots = Set(indices.map { find($0) })
      guard let owner = roots.first(where: replacements.contains),
        roots.count(where: replacements.contains) == 1
      else { continue }
      for root in roots { join(owner, root) }
    }
  }

  /// True for an input of a graph that the first model has not.
  private func isNew(_ value: Value.ID) -> Bool {
    guard after[value].isGraphInput, after[value].producer == nil else { return false }
    guard let other = matching.before(value) else { return true }
    return !before[other].isGraphInput
  }

  /// Joins a removed node with what reads it, or with what a counterpart of the reader reads now.
  private mutating func joinRemoved(_ node: Node.ID, _ use: Use) {
    guard let own = indexOfRemoved[node] else { return }
    switch use {
    case .node(let reader, let slot):
      if let other = indexOfRemoved[reader] {
        join(own, other)
      } else if let counterpart = matching.after(reader),
        let value = after[counterpart].input(slot), let producer = after[value].producer?.node,
        let other = indexOfAdded[producer]
      {
        join(own, other)
      }
    case .graphOutput(let graph, let index):
      guard let counterpart = matching.after(graph),
        index < after[counterpart].outputs.count,
        let producer = after[after[counterpart].outputs[index]].producer?.node,
        let other = indexOfAdded[producer]
      else { return }
      join(own, other)
    }
  }

  private func namesake(of value: Value.ID) -> Value.ID? {
    let graph = before[value].graph
    guard let counterpart = matching.after(graph),
      let other = after.value(named: before[value].name, in: counterpart),
      after[other].graph == counterpart
    else { return nil }
    return other
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (x, y) = (find(a), find(b))
    if x != y { parents[max(x, y)] = min(x, y) }
  }

  private mutating func find(_ index: Int) -> Int {
    var root = index
    while parents[root] != root { root = parents[root] }
    var current = index
    while parents[current] != root { (parents[current], current) = (root, parents[current]) }
    return root
  }
}
