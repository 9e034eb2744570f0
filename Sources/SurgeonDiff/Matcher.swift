internal import SurgeonIR

/// Finds the counterparts of nodes and values in two models, names or no names.
///
/// Per pair of graphs, in this order:
/// 1. nodes that compute the same from the same for the same (upstream and downstream hashes), then
///    from the same, then for the same; among several such, the namesake, else the one in order;
/// 2. namesakes of one operator that something else confirms: equal local content, or a namesake
///    or a counterpart next to them;
/// 3. neighbours of pairs: what feeds the same input, what reads the same output;
/// 4. what is left, by local content, where it is unique on both sides.
/// Each step goes once over the nodes, so the whole is linear up to the sizes of equal-hash groups.
struct Matcher {
  private let before: Model
  private let after: Model
  private let hashBefore: StructuralHash
  private let hashAfter: StructuralHash
  private(set) var result: Correspondence
  private var unsettled: [(Node.ID, Node.ID)] = []

  init(_ before: Model, _ after: Model) throws(SurgeonError) {
    self.before = before
    self.after = after
    hashBefore = try StructuralHash(before)
    hashAfter = try StructuralHash(after)
    result = Correspondence(before: before, after: after)
    match(before.mainGraph, after.mainGraph)
    matchFunctions()
  }

  private mutating func matchFunctions() {
    for function in before.functions {
      let counterpart = after.functions.first {
        $0.name == function.name && $0.domain == function.domain && $0.overload == function.overload
      }
      if let counterpart { match(function.body, counterpart.body) }
    }
  }

  private mutating func match(_ a: Graph.ID, _ b: Graph.ID) {
    result.pair(a, b)
    matchInterface(a, b)
    let nodesA = Array(before.nodes(of: a))
    let nodesB = Array(after.nodes(of: b))
    let (upA, upB) = (hashBefore.upstream, hashAfter.upstream)
    let (downA, downB) = (hashBefore.downstream, hashAfter.downstream)
    matchByKey(nodesA, nodesB) { node, isBefore in
      let raw = Int(node.raw)
      var hash = StableHash()
      hash.combine(isBefore ? upA[raw] : upB[raw])
      hash.combine(isBefore ? downA[raw] : downB[raw])
      return hash.value
    }
    // What only one of each model computes, or is computed for, is sure. Neighbours are not: behind
    // an edit (two inputs swapped) they lead astray, so that they come after.
    matchByKey(nodesA, nodesB, onlyUnique: true) { $1 ? upA[Int($0.raw)] : upB[Int($0.raw)] }
    matchByKey(nodesA, nodesB, onlyUnique: true) { $1 ? downA[Int($0.raw)] : downB[Int($0.raw)] }
    settle()
    matchByKey(nodesA, nodesB) { $1 ? upA[Int($0.raw)] : upB[Int($0.raw)] }
    settle()
    matchByKey(nodesA, nodesB) { $1 ? downA[Int($0.raw)] : downB[Int($0.raw)] }
    settle()
    matchNamesakes(nodesA, nodesB)
    settle()
    let (localA, localB) = (hashBefore.local, hashAfter.local)
    matchByKey(nodesA, nodesB, onlyUnique: true) {
      $1 ? localA[Int($0.raw)] : localB[Int($0.raw)]
    }
    settle()
  }

  // MARK: Interfaces

  private mutating func matchInterface(_ a: Graph.ID, _ b: Graph.ID) {
    matchByNameThenPosition(
      before[a].inputs.filter { before[$0].initializer == nil },
      after[b].inputs.filter { after[$0].initializer == nil })
    for input in before[a].inputs where before[input].initializer != nil {
      if let other = after.value(named: before[input].name, in: b), after[other].graph == b,
        after[other].initializer != nil
      {
        result.pair(input, other)
      }
    }
    let outputsA = before[a].outputs
    let outputsB = after[b].outputs
    guard outputsA.count == outputsB.count else { return }
    for (x, y) in zip(outputsA, outputsB) { confirm(x, y) }
  }

  private mutating func matchByNameThenPosition(_ xs: [Value.ID], _ ys: [Value.ID]) {
    let byName = Dictionary(
      ys.map { (after[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
    for x in xs {
      if let y = byName[before[x].name] { result.pair(x, y) }
    }
    guard xs.count == ys.count else { return }
    for (x, y) in zip(xs, ys) { result.pair(x, y) }
  }

  // MARK: Nodes

  private mutating func matchByKey(
    _ nodesA: [Node.ID], _ nodesB: [Node.ID], onlyUnique: Bool = false,
    key: (Node.ID, _ isBefore: Bool) -> UInt64
  ) {
    var groups: [UInt64: (a: [Node.ID], b: [Node.ID])] = [:]
    for node in nodesA where result.after(node) == nil {
      groups[key(node, true), default: ([], [])].a.append(node)
    }
    for node in nodesB where result.before(node) == nil {
      let key = key(node, false)
      if groups[key] != nil { groups[key]?.b.append(node) }
    }
    for group in groups.values.sorted(by: { $0.a[0] < $1.a[0] }) where !group.b.isEmpty {
      if onlyUnique, group.a.count != 1 || group.b.count != 1 { continue }
      pairUp(group.a, group.b)
    }
  }

  /// Pairs namesakes first; the rest in order where both sides have as many.
  private mutating func pairUp(_ a: [Node.ID], _ b: [Node.ID]) {
    if a.count == 1, b.count == 1 { return pair(a[0], b[0]) }
    var byName = Dictionary(
      b.filter { !after[$0].name.isEmpty }.map { (after[$0].name, $0) },
      uniquingKeysWith: { first, _ in first })
    for node in a {
      if let other = byName.removeValue(forKey: before[node].name) { pair(node, other) }
    }
    let restA = a.filter { result.after($0) == nil }
    let restB = b.filter { result.before($0) == nil }
    guard restA.count == restB.count else { return }
    for (x, y) in zip(restA, restB) { pair(x, y) }
  }

  private mutating func matchNamesakes(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) {
    var byName: [String: Node.ID?] = [:]
    for node in nodesB where result.before(node) == nil {
      let name = label(of: node, in: after)
      byName.updateValue(byName[name] == nil ? node : nil, forKey: name)
    }
    for node in nodesA where result.after(node) == nil {
      guard let other = byName[label(of: node, in: before)] ?? nil, result.before(other) == nil,
        haveSameOperator(node, other), isPlausible(node, other)
      else { continue }
      pair(node, other)
    }
  }

  /// A node's name, or that of its first output where it has none.
  private func label(of node: Node.ID, in model: Model) -> String {
    let record = model[node]
    if !record.name.isEmpty { return record.name }
    return record.outputs.first.flatMap { $0 }.map { model[$0].name } ?? ""
  }

  private func haveSameOperator(_ a: Node.ID, _ b: Node.ID) -> Bool {
    before[a].opType == after[b].opType
      && Model.canonical(before[a].domain) == Model.canonical(after[b].domain)
  }

  /// A name alone may be a coincidence (`Conv_3` of a renumbered model).
  private func isPlausible(_ a: Node.ID, _ b: Node.ID) -> Bool {
    if hashBefore.local[Int(a.raw)] == hashAfter.local[Int(b.raw)] { return true }
    let inputs = zip(before[a].inputs, after[b].inputs)
    for case (let x?, let y?) in inputs
    where result.after(x) == y || before[x].name == after[y].name { return true }
    let outputs = zip(before[a].outputs, after[b].outputs)
    for case (let x?, let y?) in outputs where before[x].name == after[y].name { return true }
    return false
  }

  // MARK: Propagation

  private mutating func pair(_ a: Node.ID, _ b: Node.ID) {
    guard result.after(a) == nil, result.before(b) == nil else { return }
    result.pair(a, b)
    unsettled.append((a, b))
    for case (let x?, let y?) in zip(before[a].outputs, after[b].outputs) { result.pair(x, y) }
  }

  private mutating func settle() {
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
  private mutating func confirm(_ x: Value.ID, _ y: Value.ID) {
    guard result.after(x) == nil, result.before(y) == nil else { return }
    switch (before[x].producer, after[y].producer) {
    case (let p?, let q?):
      if p.output == q.output, result.after(p.node) == nil, result.before(q.node) == nil,
        haveSameOperator(p.node, q.node),
        before[p.node].graph != before.mainGraph
          || !hasBetterNamesake(p.node, than: q.node)
      {
        pair(p.node, q.node)
      }
    case (nil, nil):
      // Constants find their counterparts when the nodes have theirs: see `Comparison`.
      if before[x].isGraphInput, after[y].isGraphInput { result.pair(x, y) }
    default: break
    }
  }

  /// True where `a` has a free namesake of its operator other than `b`: two swapped nodes, or a
  /// node inserted before its like, are better told apart by name.
  private func hasBetterNamesake(_ a: Node.ID, than b: Node.ID) -> Bool {
    guard let output = before[a].outputs.first.flatMap({ $0 }),
      let other = after.value(named: before[output].name, in: after[b].graph),
      let producer = after[other].producer?.node
    else { return false }
    return producer != b && result.before(producer) == nil && haveSameOperator(a, producer)
      && isPlausible(a, producer)
  }

  private mutating func followReaders(_ x: Value.ID, _ y: Value.ID) {
    let free = { (uses: UseList, isMatched: (Node.ID) -> Bool) -> [(Node.ID, Int)] in
      uses.compactMap {
        if case .node(let node, let slot) = $0, !isMatched(node) { (node, slot) } else { nil }
      }
    }
    let readersX = free(before[x].uses) { result.after($0) != nil }
    let readersY = free(after[y].uses) { result.before($0) != nil }
    guard readersX.count <= 32, readersY.count <= 32 else { return }
    for (a, slot) in readersX {
      let fitting = readersY.filter { $0.1 == slot && haveSameOperator(a, $0.0) }
      let rivals = readersX.filter { $0.1 == slot && before[$0.0].opType == before[a].opType }
      guard fitting.count == 1, rivals.count == 1, result.before(fitting[0].0) == nil,
        !hasBetterNamesake(a, than: fitting[0].0)
      else { continue }
      pair(a, fitting[0].0)
    }
  }
}
