internal import SurgeonIR

/// From pairs to their neighbours.
extension Matcher {
  mutating func settle() {
    while let (a, b) = unsettled.popLast() {
      for case (let x?, let y?) in zip(before[a].inputs, after[b].inputs) { confirm(x, y) }
      for case (let x?, let y?) in zip(before[a].outputs, after[b].outputs) { followReaders(x, y) }
      for (x, y) in zip(before[a].bodies, after[b].bodies) {
        let pending = unsettled
        unsettled = []
        match(x, y)
        unsettled = pending
      }
    }
  }

  /// `x` and `y` stand at the same place of two counterparts: so probably do their producers.
  mutating func confirm(_ x: Value.ID, _ y: Value.ID) {
    guard result.after(x) == nil, result.before(y) == nil else { return }
    switch (before[x].producer, after[y].producer) {
    case (let p?, let q?):
      if p.output == q.output, result.after(p.node) == nil, result.before(q.node) == nil,
        haveSameOperator(p.node, q.node), !isSource(p.node),
        before[p.node].graph != before.mainGraph
          || !hasBetterNamesake(p.node, than: q.node)
      {
        pair(p.node, q.node)
      }
    case (nil, nil):
      // Constants find their counterparts when the nodes have theirs: see `Comparison`.
      if before[x].isGraphInput, after[y].isGraphInput, before[x].initializer == nil,
        after[y].initializer == nil
      {
        result.pair(x, y)
      }
    default: break
    }
  }

  mutating func followReaders(_ x: Value.ID, _ y: Value.ID) {
    follow(before.readers(of: x, where: isFree), after.readers(of: y, where: isFreeAfter))
  }

  mutating func follow(_ readersX: [(Node.ID, Int)], _ readersY: [(Node.ID, Int)]) {
    guard readersX.count <= 32, readersY.count <= 32 else { return }
    for (a, slot) in readersX {
      var fitting = readersY.filter { $0.1 == slot && haveSameOperator(a, $0.0) }
      var rivals = readersX.filter { $0.1 == slot && before[$0.0].opType == before[a].opType }
      if fitting.count > 1 || rivals.count > 1 {
        let local = hashBefore.local[Int(a.raw)]
        fitting = fitting.filter { hashAfter.local[Int($0.0.raw)] == local }
        rivals = rivals.filter { hashBefore.local[Int($0.0.raw)] == local }
      }
      guard fitting.count == 1, rivals.count == 1, result.before(fitting[0].0) == nil,
        !hasBetterNamesake(a, than: fitting[0].0)
      else { continue }
      pair(a, fitting[0].0)
    }
  }

  func isFree(_ node: Node.ID) -> Bool { result.after(node) == nil }
  func isFreeAfter(_ node: Node.ID) -> Bool { result.before(node) == nil }
}

extension Model {
  /// The nodes that read a value, with the input that reads it.
  func readers(of value: Value.ID, where isWanted: (Node.ID) -> Bool) -> [(Node.ID, Int)] {
    self[value].uses.compactMap { use in
      if case .node(let node, let slot) = use, isWanted(node) { (node, slot) } else { nil }
    }
  }
}
