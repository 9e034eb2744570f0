internal import SurgeonIR

/// What names are worth in finding counterparts: never enough alone.
extension Matcher {
  /// Namesakes that compute the same, or are computed for the same, where the two graphs have most
  /// names in common. Among nodes that are alike but for their names (two Relu in a row, one of them
  /// inserted), nothing else tells which is which.
  mutating func matchAlikeNamesakes(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) {
    let namesakes = namesakes(nodesA, nodesB)
    let agreeing = namesakes.filter { haveSameOperator($0.0, $0.1) }
    guard 10 * agreeing.count >= 9 * namesakes.count,
      2 * agreeing.count >= min(nodesA.count, nodesB.count)
    else { return }
    for (a, b) in agreeing where result.after(a) == nil && result.before(b) == nil {
      let (x, y) = (Int(a.raw), Int(b.raw))
      if hashBefore.upstream[x] == hashAfter.upstream[y]
        || hashBefore.downstream[x] == hashAfter.downstream[y]
      {
        pair(a, b)
      }
    }
  }

  /// Namesakes of one operator that equal content, or a namesake or counterpart next to them,
  /// confirms.
  mutating func matchNamesakes(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) {
    let free = (
      nodesA.filter { result.after($0) == nil }, nodesB.filter { result.before($0) == nil }
    )
    for (a, b) in namesakes(free.0, free.1)
    where haveSameOperator(a, b) && isPlausible(a, b) {
      pair(a, b)
    }
  }

  /// Nodes whose name only one node of each graph has.
  private func namesakes(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) -> [(Node.ID, Node.ID)] {
    let namesA = nodesByName(nodesA, in: before)
    let namesB = nodesByName(nodesB, in: after)
    return nodesA.compactMap { node in
      guard let name = before.name(of: node), namesA[name] == .some(node),
        case .some(let other?) = namesB[name]
      else { return nil }
      return (node, other)
    }
  }

  /// nil for a name that several nodes have.
  private func nodesByName(_ nodes: [Node.ID], in model: Model) -> [String: Node.ID?] {
    var byName: [String: Node.ID?] = [:]
    for node in nodes {
      guard let name = model.name(of: node) else { continue }
      byName.updateValue(byName[name] == nil ? node : nil, forKey: name)
    }
    return byName
  }

  /// A name alone may be a coincidence (`Conv_3` of a renumbered model).
  func isPlausible(_ a: Node.ID, _ b: Node.ID) -> Bool {
    if hashBefore.local[Int(a.raw)] == hashAfter.local[Int(b.raw)] { return true }
    let inputs = zip(before[a].inputs, after[b].inputs)
    for case (let x?, let y?) in inputs
    where result.after(x) == y || before[x].name == after[y].name { return true }
    let outputs = zip(before[a].outputs, after[b].outputs)
    for case (let x?, let y?) in outputs where before[x].name == after[y].name { return true }
    return false
  }

  /// True where `a` has a free namesake of its operator other than `b`: two swapped nodes, or a
  /// node inserted before its like, are better told apart by name.
  func hasBetterNamesake(_ a: Node.ID, than b: Node.ID) -> Bool {
    guard let output = before[a].outputs.first.flatMap({ $0 }),
      let other = after.value(named: before[output].name, in: after[b].graph),
      let producer = after[other].producer?.node
    else { return false }
    return producer != b && result.before(producer) == nil && haveSameOperator(a, producer)
      && isPlausible(a, producer)
  }
}
