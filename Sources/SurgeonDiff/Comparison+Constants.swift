internal import SurgeonIR

/// Which constants are counterparts, and which of them changed.
extension Comparison {
  /// Constants are counterparts where counterparts read them: equal ones at one input first, then
  /// equal ones at different inputs (which were swapped), then those that are left at one input
  /// (whose numbers changed). Names decide nothing.
  mutating func pairConstantsByRole(
    _ pairs: [StructuralDiff.NodePair]
  ) throws(SurgeonError) {
    try compareConstantsAtOneInput(of: pairs)
    var open: [StructuralDiff.NodePair] = []
    for pair in pairs {
      let inputs = (before[pair.before].inputs, after[pair.after].inputs)
      for case (let x?, let y?) in zip(inputs.0, inputs.1) where isFree(x) && isFreeAfter(y) {
        if try equality.areEqual(x, y) { matching.pair(x, y) }
      }
      let isOpen = inputs.0.contains { $0.map(isFree) ?? false }
      if isOpen { open.append(pair) }
    }
    for pair in open where after[pair.after].inputs.count <= 64 {
      let candidates = after[pair.after].inputs.compactMap { $0 }.filter(isFreeAfter)
      for case let x? in before[pair.before].inputs where isFree(x) {
        for y in candidates where isFreeAfter(y) {
          if try equality.areEqual(x, y) { matching.pair(x, y) }
        }
      }
    }
    for pair in open {
      for case (let x?, let y?) in zip(before[pair.before].inputs, after[pair.after].inputs)
      where isFree(x) && isFreeAfter(y) {
        matching.pair(x, y)
      }
    }
  }

  private mutating func compareConstantsAtOneInput(
    of pairs: [StructuralDiff.NodePair]
  ) throws(SurgeonError) {
    var candidates: [StructuralDiff.ValuePair] = []
    for pair in pairs {
      for case (let x?, let y?) in zip(before[pair.before].inputs, after[pair.after].inputs)
      where isFree(x) && isFreeAfter(y) {
        candidates.append(.init(before: x, after: y))
      }
    }
    try equality.compare(candidates)
  }

  /// Constants that a graph gives to its caller and no counterparts read: equal ones at one output first,
  /// then namesakes, then those that are left at one output.
  mutating func pairGivenConstants() throws(SurgeonError) {
    for (a, b) in matching.graphs {
      let places = Array(zip(before[a].outputs, after[b].outputs))
      for (x, y) in places where isFree(x) && isFreeAfter(y) {
        if try equality.areEqual(x, y) { matching.pair(x, y) }
      }
      for x in before[a].outputs where isFree(x) {
        let namesake = after[b].outputs.first { after[$0].name == before[x].name }
        if let namesake, isFreeAfter(namesake) { matching.pair(x, namesake) }
      }
      for (x, y) in places where isFree(x) && isFreeAfter(y) { matching.pair(x, y) }
    }
  }

  /// Constants that nobody reads have only their names.
  mutating func pairUnreadConstants() {
    for (a, b) in matching.graphs {
      for x in before[a].initializers where isFree(x) && before[x].uses.isEmpty {
        if let y = after.value(named: before[x].name, in: b), after[y].graph == b, isFreeAfter(y) {
          matching.pair(x, y)
        }
      }
    }
  }

  private func isFree(_ value: Value.ID) -> Bool {
    before[value].producer == nil && matching.after(value) == nil
      && before[value].hasInitializer
  }

  private func isFreeAfter(_ value: Value.ID) -> Bool {
    after[value].producer == nil && matching.before(value) == nil
      && after[value].hasInitializer
  }

  /// Constants that nobody reads are counterparts where their contents are the same.
  mutating func pairUnusedConstants() throws(SurgeonError) {
    var free: [UInt64: [Value.ID]] = [:]
    for constant in after.graphs.flatMap({ after[$0].initializers })
    where after[constant].uses.isEmpty && matching.before(constant) == nil {
      if let key = try ContentKey.of(constant, in: after) {
        free[key, default: []].append(constant)
      }
    }
    guard !free.isEmpty else { return }
    for constant in before.graphs.flatMap({ before[$0].initializers })
    where before[constant].uses.isEmpty && matching.after(constant) == nil {
      guard let key = try ContentKey.of(constant, in: before), let other = free[key]?.popLast()
      else { continue }
      matching.pair(constant, other)
    }
  }

  mutating func compareConstants() throws(SurgeonError) {
    let pairs = before.allValues.compactMap { value -> StructuralDiff.ValuePair? in
      guard before[value].producer == nil, let other = matching.after(value) else { return nil }
      return .init(before: value, after: other)
    }
    try equality.compare(pairs)
    for pair in pairs where try !equality.areEqual(pair.before, pair.after) {
      changedConstants.append(pair)
      readersOfChanges.formUnion(before[pair.before].uses.compactMap(\.node))
    }
  }

  /// Constants without a counterpart that something other than a replaced node reads, or nobody.
  func looseConstants(
    of model: Model, _ absorbing: [Node.ID], hasCounterpart: (Value.ID) -> Bool,
    isReplaced: (Node.ID) -> Bool
  ) -> [Value.ID] {
    let absorbing = Set(absorbing)
    return model.graphs.flatMap { model[$0].initializers }.filter { constant in
      guard !hasCounterpart(constant) else { return false }
      let readers = model[constant].uses
      return readers.isEmpty
        || readers.contains { use in
          guard let node = use.node else { return true }
          return !isReplaced(node) && !absorbing.contains(node)
        }
    }
  }
}
