internal import SurgeonIR

/// A replaced node ends what the neighbours say: a normalisation that became Mul and Add, or went
/// into the convolution before it. What lies behind is found by going through operators of which one
/// model has more left than the other.
extension Matcher {
  /// How many replaced nodes in a row are gone through.
  private static let longestChain = 4

  mutating func matchBeyondReplacements(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) {
    let (freeA, freeB) = (nodesA.filter(isFree), nodesB.filter(isFreeAfter))
    guard !freeA.isEmpty, !freeB.isEmpty else { return }
    var surplus: [String: Int] = [:]
    for node in freeA { surplus[before[node].opType, default: 0] += 1 }
    for node in freeB { surplus[after[node].opType, default: 0] -= 1 }
    let isLost = { (opType: String) in surplus[opType, default: 0] > 0 }
    let isNew = { (opType: String) in surplus[opType, default: 0] < 0 }
    var pending = nodesA.compactMap { node in result.after(node).map { (node, $0) } }
    while let (a, b) = pending.popLast() {
      let known = trail.count
      for case (let x?, let y?) in zip(before[a].inputs, after[b].inputs) {
        pairProducers(
          before.producers(of: x, upTo: Self.longestChain, isFree, through: isLost),
          after.producers(of: y, upTo: Self.longestChain, isFreeAfter, through: isNew))
      }
      for case (let x?, let y?) in zip(before[a].outputs, after[b].outputs) {
        pairReaders(
          before.readers(of: x, upTo: Self.longestChain, isFree, through: isLost),
          after.readers(of: y, upTo: Self.longestChain, isFreeAfter, through: isNew))
      }
      settle()
      pending += trail[known...]
    }
  }

  /// Pairs the nearest of one operator.
  private mutating func pairProducers(_ xs: [Node.ID], _ ys: [Node.ID]) {
    guard !xs.isEmpty, !ys.isEmpty else { return }
    for distance in 0...(xs.count + ys.count - 2) {
      for index in 0...distance where index < xs.count && distance - index < ys.count {
        if haveSameOperator(xs[index], ys[distance - index]) {
          return pair(xs[index], ys[distance - index])
        }
      }
    }
  }

  private mutating func pairReaders(_ xs: [[(Node.ID, Int)]], _ ys: [[(Node.ID, Int)]]) {
    for distance in 0...(xs.count + ys.count - 2) {
      for index in 0...distance where index < xs.count && distance - index < ys.count {
        let other = distance - index
        follow(xs[index].filter { isFree($0.0) }, ys[other].filter { isFreeAfter($0.0) })
      }
    }
  }
}

extension Model {
  /// The free producer of a value, and what is before it as long as that may be gone through.
  fileprivate func producers(
    of value: Value.ID, upTo count: Int, _ isFree: (Node.ID) -> Bool, through: (String) -> Bool
  ) -> [Node.ID] {
    var chain: [Node.ID] = []
    var next = self[value].producer?.node
    while let node = next, isFree(node), chain.count <= count {
      chain.append(node)
      guard through(self[node].opType) else { break }
      next = self[node].input(0).flatMap { self[$0].producer?.node }
    }
    return chain
  }

  /// The free readers of a value, then those of what may be gone through among them, and so on.
  fileprivate func readers(
    of value: Value.ID, upTo count: Int, _ isFree: (Node.ID) -> Bool, through: (String) -> Bool
  ) -> [[(Node.ID, Int)]] {
    var levels = [readers(of: value, where: isFree)]
    while levels.count <= count, let last = levels.last {
      let next = last.filter { through(self[$0.0].opType) }.flatMap { node, _ in
        self[node].outputs.first.flatMap { $0 }.map { readers(of: $0, where: isFree) } ?? []
      }
      if next.isEmpty { break }
      levels.append(next)
    }
    return levels
  }
}
