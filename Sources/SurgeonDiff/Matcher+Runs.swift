internal import SurgeonIR

/// Where like nodes follow one another and one model has one more, what computes the same says one
/// thing and what is computed for the same another: which of them is the new one? All answers count
/// the same nodes as added and removed; the right one has the fewest that read something else.
extension Matcher {
  /// Runs that are looked at; longer ones are no accident of an edit.
  private static let longestRun = 256

  /// Moves what has no counterpart along the run of like nodes that it stands in, to where the
  /// fewest inputs differ.
  mutating func alignRuns(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) {
    for node in nodesA where isFree(node) { align(node, isBefore: true) }
    for node in nodesB where isFreeAfter(node) { align(node, isBefore: false) }
  }

  private mutating func align(_ free: Node.ID, isBefore: Bool) {
    for isForward in [true, false] {
      var steps: [(free: Node.ID, neighbour: Node.ID)] = []
      var (best, gain, largestGain) = (0, 0, 0)
      var current = free
      while steps.count < Self.longestRun,
        let next = likeNeighbour(of: current, isBefore: isBefore, isForward: isForward)
      {
        gain += move(from: next, to: current, isBefore: isBefore)
        steps.append((current, next))
        if gain > largestGain { (best, largestGain) = (steps.count, gain) }
        current = next
      }
      for step in steps[best...].reversed() {
        _ = move(from: step.free, to: step.neighbour, isBefore: isBefore)
      }
      if best > 0 { return }
    }
  }

  /// The only node next to one in the data's direction that is like it and has a counterpart.
  private func likeNeighbour(of node: Node.ID, isBefore: Bool, isForward: Bool) -> Node.ID? {
    let (model, hash) = isBefore ? (before, hashBefore) : (after, hashAfter)
    let record = model[node]
    guard record.bodies.isEmpty else { return nil }
    let neighbours =
      isForward
      ? record.outputs.flatMap { $0.map { model[$0].uses.compactMap(\.node) } ?? [] }
      : record.inputs.compactMap { $0.flatMap { model[$0].producer?.node } }
    var found: Node.ID?
    for other in neighbours where hash.local[Int(other.raw)] == hash.local[Int(node.raw)] {
      guard found == nil || found == other, model[other].graph == record.graph,
        isBefore ? !isFree(other) : !isFreeAfter(other)
      else { return nil }
      found = other
    }
    return found
  }

  /// Gives the counterpart of `node` to `free`.
  ///
  /// - Returns: by how much that lessens the inputs that differ.
  private mutating func move(from node: Node.ID, to free: Node.ID, isBefore: Bool) -> Int {
    guard let other = isBefore ? result.after(node) : result.before(node) else { return 0 }
    let old = isBefore ? (node, other) : (other, node)
    let new = isBefore ? (free, other) : (other, free)
    let touched = neighbourhood([old.0, new.0], [old.1, new.1])
    let disagreements = countDisagreements(touched)
    result.unpair(old.0, old.1)
    for case (let x?, let y?) in zip(before[old.0].outputs, after[old.1].outputs) {
      result.unpair(x, y)
    }
    result.pair(new.0, new.1)
    for case (let x?, let y?) in zip(before[new.0].outputs, after[new.1].outputs) {
      result.pair(x, y)
    }
    return disagreements - countDisagreements(touched)
  }

  private struct Touched {
    var nodes: Set<Node.ID> = []
    var outputs: Set<Use> = []
  }

  /// Nodes of the first model, and outputs of its graphs, whose agreement with the second model
  /// depends on these nodes' counterparts.
  private func neighbourhood(_ nodesA: Set<Node.ID>, _ nodesB: Set<Node.ID>) -> Touched {
    var touched = Touched(nodes: nodesA)
    for node in nodesA {
      for case let output? in before[node].outputs {
        for use in before[output].uses {
          if let reader = use.node {
            touched.nodes.insert(reader)
          } else {
            touched.outputs.insert(use)
          }
        }
      }
    }
    for node in nodesB {
      for case let output? in after[node].outputs {
        for use in after[output].uses {
          switch use {
          case .node(let reader, _):
            if let other = result.before(reader) { touched.nodes.insert(other) }
          case .graphOutput(let graph, let index):
            if let other = result.before(graph) {
              touched.outputs.insert(.graphOutput(other, index: index))
            }
          }
        }
      }
    }
    return touched
  }

  private func countDisagreements(_ touched: Touched) -> Int {
    var count = 0
    for node in touched.nodes {
      guard let other = result.after(node) else { continue }
      let (xs, ys) = (before[node].inputs, after[other].inputs)
      for slot in 0..<max(xs.count, ys.count) {
        let (x, y) = (slot < xs.count ? xs[slot] : nil, slot < ys.count ? ys[slot] : nil)
        if !agree(x, y) { count += 1 }
      }
    }
    for case .graphOutput(let graph, let index) in touched.outputs {
      guard let other = result.after(graph), index < before[graph].outputs.count,
        index < after[other].outputs.count
      else { continue }
      if !agree(before[graph].outputs[index], after[other].outputs[index]) { count += 1 }
    }
    return count
  }

  /// As a comparison will say it: what was inserted or removed in between is no difference here.
  private func agree(_ x: Value.ID?, _ y: Value.ID?) -> Bool {
    guard let x, let y else { return x == nil && y == nil }
    if result.after(x) == y { return true }
    let producers = (before[x].producer?.node, after[y].producer?.node)
    if let p = producers.0, isFree(p) { return true }
    if let q = producers.1, isFreeAfter(q) { return true }
    return producers.0 == nil && producers.1 == nil
      && hashBefore.hash(of: x) == hashAfter.hash(of: y)
  }
}
