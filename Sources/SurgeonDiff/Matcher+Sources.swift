internal import SurgeonIR

/// Nodes without inputs: Constant above all. Many are alike, so that only their readers tell which is
/// which.
extension Matcher {
  func isSource(_ node: Node.ID) -> Bool { before[node].inputs.isEmpty }

  /// Equal sources at one input of counterparts first, then equal ones at different inputs, which
  /// were swapped.
  mutating func matchSources(_ nodesA: [Node.ID]) {
    for a in nodesA {
      guard let b = result.after(a) else { continue }
      for case (let x?, let y?) in zip(before[a].inputs, after[b].inputs) { pairSources(x, y) }
    }
    for a in nodesA {
      guard let b = result.after(a), after[b].inputs.count <= 64 else { continue }
      for case let x? in before[a].inputs where freeSource(of: x) != nil {
        for case let y? in after[b].inputs { pairSources(x, y) }
      }
    }
    settle()
  }

  /// What is left at one input of counterparts, or at one output of their graphs: its content
  /// changed.
  mutating func matchChangedSources(_ nodesA: [Node.ID], _ a: Graph.ID, _ b: Graph.ID) {
    for node in nodesA {
      guard let other = result.after(node) else { continue }
      for case (let x?, let y?) in zip(before[node].inputs, after[other].inputs) {
        pairChangedSources(x, y)
      }
    }
    for (x, y) in zip(before[a].outputs, after[b].outputs) { pairChangedSources(x, y) }
    settle()
  }

  private mutating func pairChangedSources(_ x: Value.ID, _ y: Value.ID) {
    guard let p = freeSource(of: x), let q = after[y].producer?.node, isFreeAfter(q),
      haveSameOperator(p, q)
    else { return }
    pair(p, q)
  }

  private mutating func pairSources(_ x: Value.ID, _ y: Value.ID) {
    guard let p = freeSource(of: x), let q = after[y].producer?.node, isFreeAfter(q),
      hashBefore.local[Int(p.raw)] == hashAfter.local[Int(q.raw)]
    else { return }
    pair(p, q)
  }

  private func freeSource(of value: Value.ID) -> Node.ID? {
    guard let producer = before[value].producer?.node, isFree(producer), isSource(producer) else {
      return nil
    }
    return producer
  }
}
