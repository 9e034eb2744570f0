internal import SurgeonIR

/// Finds the counterparts of nodes and values in two models, names or no names.
///
/// Per pair of graphs, the surest first:
/// 1. where the models share their names, namesakes that compute the same, or for the same;
/// 2. nodes that compute the same from the same for the same (upstream and downstream hashes);
/// 3. nodes that one of each model computes, or is computed for, or that have one surrounding;
/// 4. neighbours of pairs: what feeds the same input, what reads the same output;
/// 5. several that compute the same, in order; namesakes that something else confirms; what is left,
///    by local content, where it is unique on both sides;
/// 6. neighbours of pairs beyond nodes that the other model has not;
/// 7. in runs of like nodes, the alignment with the fewest inputs changed.
/// Each step goes once over the nodes, so the whole is linear up to the sizes of equal-hash groups.
struct Matcher {
  let before: Model
  let after: Model
  let hashBefore: StructuralHash
  let hashAfter: StructuralHash
  var result: Correspondence
  /// Pairs whose neighbours were not looked at.
  var unsettled: [(Node.ID, Node.ID)] = []
  /// All pairs in the order they were found.
  private(set) var trail: [(Node.ID, Node.ID)] = []
  private var surroundings: (before: Neighbourhoods, after: Neighbourhoods)?

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
      let counterpart = after.functions.first { $0.isNamesake(of: function) }
      if let counterpart { match(function.body, counterpart.body) }
    }
  }

  mutating func match(_ a: Graph.ID, _ b: Graph.ID) {
    result.pair(a, b)
    matchInterface(a, b)
    let nodesA = Array(before.nodes(of: a))
    let nodesB = Array(after.nodes(of: b))
    let (upA, upB) = (hashBefore.upstream, hashAfter.upstream)
    let (downA, downB) = (hashBefore.downstream, hashAfter.downstream)
    matchAlikeNamesakes(nodesA, nodesB)
    matchByKey(nodesA, nodesB) { node, isBefore in
      let raw = Int(node.raw)
      var hash = StableHash()
      hash.combine(isBefore ? upA[raw] : upB[raw])
      hash.combine(isBefore ? downA[raw] : downB[raw])
      return hash.value
    }
    if isSettled(nodesA, nodesB) {
      settle()
      return alignRuns(nodesA, nodesB)
    }
    // What only one of each model computes, or is computed for, is sure. Neighbours are not: behind
    // an edit (two inputs swapped) they lead astray, so that they come after.
    matchByKey(nodesA, nodesB, onlyUnique: true) { $1 ? upA[Int($0.raw)] : upB[Int($0.raw)] }
    matchByKey(nodesA, nodesB, onlyUnique: true) { $1 ? downA[Int($0.raw)] : downB[Int($0.raw)] }
    matchBySurroundings(nodesA, nodesB)
    matchReadersOfInputs(a)
    settle()
    matchSources(nodesA)
    matchByKey(nodesA, nodesB, sources: false) { $1 ? upA[Int($0.raw)] : upB[Int($0.raw)] }
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
    matchBeyondReplacements(nodesA, nodesB)
    matchSources(nodesA)
    matchChangedSources(nodesA, a, b)
    matchByKey(nodesA, nodesB) { $1 ? localA[Int($0.raw)] : localB[Int($0.raw)] }
    settle()
    alignRuns(nodesA, nodesB)
  }

  private func isSettled(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) -> Bool {
    nodesA.allSatisfy { result.after($0) != nil } || nodesB.allSatisfy { result.before($0) != nil }
  }

  private mutating func matchBySurroundings(_ nodesA: [Node.ID], _ nodesB: [Node.ID]) {
    if isSettled(nodesA, nodesB) { return }
    let (x, y) =
      surroundings ?? (Neighbourhoods(before, hashBefore), Neighbourhoods(after, hashAfter))
    surroundings = (x, y)
    for radius in Neighbourhoods.radii {
      matchByKey(nodesA, nodesB, onlyUnique: true) { $1 ? x[radius, $0] : y[radius, $0] }
    }
  }

  // MARK: Interfaces

  private mutating func matchInterface(_ a: Graph.ID, _ b: Graph.ID) {
    let inputsA = before[a].inputs.filter { before[$0].initializer == nil }
    let inputsB = after[b].inputs.filter { after[$0].initializer == nil }
    // A body is given its inputs by position; whoever runs a model, by name.
    if a != before.mainGraph, inputsA.count == inputsB.count {
      for (x, y) in zip(inputsA, inputsB) { result.pair(x, y) }
    } else {
      matchByNameThenPosition(inputsA, inputsB)
    }
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

  private mutating func matchReadersOfInputs(_ graph: Graph.ID) {
    for x in before[graph].inputs {
      if let y = result.after(x), before[x].initializer == nil { followReaders(x, y) }
    }
  }

  // MARK: Nodes

  private mutating func matchByKey(
    _ nodesA: [Node.ID], _ nodesB: [Node.ID], onlyUnique: Bool = false, sources: Bool = true,
    key: (Node.ID, _ isBefore: Bool) -> UInt64
  ) {
    var groups: [UInt64: (a: [Node.ID], b: [Node.ID])] = [:]
    for node in nodesA where result.after(node) == nil && (sources || !isSource(node)) {
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

  func haveSameOperator(_ a: Node.ID, _ b: Node.ID) -> Bool {
    before[a].opType == after[b].opType
      && Model.canonical(before[a].domain) == Model.canonical(after[b].domain)
  }

  mutating func pair(_ a: Node.ID, _ b: Node.ID) {
    guard result.after(a) == nil, result.before(b) == nil else { return }
    result.pair(a, b)
    unsettled.append((a, b))
    trail.append((a, b))
    for case (let x?, let y?) in zip(before[a].outputs, after[b].outputs) { result.pair(x, y) }
  }
}
