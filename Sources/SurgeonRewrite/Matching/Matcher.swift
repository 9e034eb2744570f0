internal import SurgeonIR

/// Finds whether a pattern matches at a node. Reads the model and changes nothing.
///
/// A depth-first search with backtracking: goals are solved in order, and every choice (an order of
/// commuting inputs, an alternative, the length of a chain) is tried on a copy of the state.
///
/// A class: one is asked at nearly every node, and handing it over must cost nothing.
final class Matcher {
  let pattern: CompiledPattern
  let policy: RewritePolicy
  let types: TypeSource

  init(pattern: CompiledPattern, policy: RewritePolicy, types: TypeSource) {
    (self.pattern, self.policy, self.types) = (pattern, policy, types)
  }

  /// The first way in which the pattern matches at `root`.
  func match(_ root: Node.ID, in model: borrowing Model) throws(SurgeonError) -> Match? {
    guard mayMatch(root, in: model) else { return nil }
    var state = MatchState(
      bindings: Array(repeating: nil, count: pattern.captureNames.count))
    state.goals.append(MatchState.Goal(element: pattern.roots[0], target: .node(root)))
    guard try solve(&state, model), let output = state.output else { return nil }
    var subject = root
    if let slot = pattern.subjectSlot, case .node(let node)? = state.bindings[slot] {
      subject = node
    }
    return Match(
      root: root, roots: state.roots, nodes: state.nodes, output: output, subject: subject,
      names: pattern.captureNames, bindings: state.bindings)
  }

  func solve(
    _ state: inout MatchState, _ model: borrowing Model
  ) throws(SurgeonError) -> Bool {
    while let goal = state.goals.popLast() {
      switch pattern.elements[goal.element].kind {
      case .either(let alternatives):
        for alternative in alternatives {
          guard mayMatch(alternative, goal.target, model) else { continue }
          var attempt = state
          attempt.goals.append(MatchState.Goal(element: alternative, target: goal.target))
          // What is asked of the choice is asked of whichever alternative is taken.
          guard try accepts(goal, &attempt, model), try solve(&attempt, model) else { continue }
          state = attempt
          return true
        }
        return false
      case .op(let op):
        let node: Node.ID
        switch goal.target {
        case .node(let root):
          guard matchRoot(op, root, goal.element, &state, model) else { return false }
          node = root
        case .value(let value):
          guard let value, let inner = try matchInner(op, value, goal.element, &state, model) else {
            return false
          }
          node = inner
        }
        guard op.isCommutative else {
          guard pushInputs(of: op, node, &state, model) else { return false }
          continue
        }
        let orders = firstOrders(of: op, node, state, model)
        guard let only = orders.first else { return false }
        // Where no more than one order can be meant there is nothing to come back to.
        guard orders.count == 1 else { return try solveOrders(of: op, node, &state, model) }
        guard push(op, node, inOrder: only, &state, model) else { return false }
      case .chain(let types, let count, let inner):
        return try solveChain(of: types, atLeast: count, inner, goal, &state, model)
      case .capture, .number, .absent, .anything:
        guard try accepts(goal, &state, model) else { return false }
      }
    }
    return try finish(&state, model)
  }

  // MARK: Operators

  private func matchRoot(
    _ op: CompiledPattern.Operator, _ node: Node.ID, _ element: Int, _ state: inout MatchState,
    _ model: borrowing Model
  ) -> Bool {
    guard matchNode(op, node, &state, model),
      let output = model[node].output(op.output ?? 0),
      op.outputs != nil || op.acceptsAnyOutputs || isOnlyReadOutput(output, of: node, model),
      constraintsHold(of: element, output, [output], &state, model),
      bindValues(of: element, output, &state, model)
    else { return false }
    if state.output == nil { state.output = output }
    state.roots.append(node)
    return true
  }

  func isOnlyReadOutput(_ output: Value.ID, of node: Node.ID, _ model: borrowing Model) -> Bool {
    for case let other? in model[node].outputs where other != output {
      if !model[other].uses.isEmpty { return false }
    }
    return true
  }

  /// Finds the producer of `value`, behind Identity nodes, and matches it.
  private func matchInner(
    _ op: CompiledPattern.Operator, _ value: Value.ID, _ element: Int,
    _ state: inout MatchState, _ model: borrowing Model
  ) throws(SurgeonError) -> Node.ID? {
    let seesIdentity = op.opTypes.isEmpty || op.opTypes.contains("Identity")
    let path = seesIdentity ? [value] : model.pathThroughIdentity(from: value)
    guard let produced = path.last, let producer = model[produced].producer,
      model[producer.node].graph == model[state.roots[0]].graph,
      op.output == nil || op.output == producer.output,
      matchNode(op, producer.node, &state, model),
      constraintsHold(of: element, produced, path, &state, model),
      bindValues(of: element, produced, &state, model)
    else { return nil }
    return producer.node
  }

  private func matchNode(
    _ op: CompiledPattern.Operator, _ node: Node.ID, _ state: inout MatchState,
    _ model: borrowing Model
  ) -> Bool {
    guard op.accepts(opType: model[node].opType, domain: Model.canonical(model[node].domain))
    else { return false }
    for (attribute, slot) in zip(op.attributes, op.attributeSlots) {
      switch AttributeReading.read(attribute, of: node, model) {
      case .bound(let binding):
        if let slot, !bind(slot, binding, &state, model) { return false }
      case .mismatch: return false
      }
    }
    if let slot = op.nodeSlot, !bind(slot, .node(node), &state, model) { return false }
    if let outputs = op.outputs {
      guard model[node].outputs.count <= outputs.count else { return false }
      for (index, output) in outputs.enumerated() {
        let value = model[node].output(index)
        guard value != nil || output.isOptional else { return false }
        let binding = value.map { Binding.value($0) } ?? .absent
        guard bind(output.slot, binding, &state, model) else { return false }
      }
    }
    if !state.nodes.contains(node) { state.nodes.append(node) }
    return true
  }

  /// Sets the goals for the inputs in the order in which they stand.
  private func pushInputs(
    of op: CompiledPattern.Operator, _ node: Node.ID, _ state: inout MatchState,
    _ model: borrowing Model
  ) -> Bool {
    let count = model[node].inputs.count
    guard takeRest(of: op, count, after: op.inputs.count, node, &state, model) else { return false }
    for (slot, element) in op.inputs.enumerated().reversed() {
      let value = model[node].input(slot)
      guard mayMatch(element, .value(value), model) else { return false }
      state.goals.append(MatchState.Goal(element: element, target: .value(value)))
    }
    return true
  }

  private func takeRest(
    of op: CompiledPattern.Operator, _ count: Int, after first: Int, _ node: Node.ID,
    _ state: inout MatchState, _ model: borrowing Model
  ) -> Bool {
    switch op.rest {
    case .ignored: return true
    case .none:
      for slot in first..<max(first, count) where model[node].inputs[slot] != nil { return false }
      return true
    case .captured(let slot):
      let values = first < count ? model[node].inputs[first...].compactMap { $0 } : []
      return bind(slot, .values(values), &state, model)
    }
  }

  // MARK: The end

  /// All goals are solved: looks for the next root, and at last for readers outside.
  private func finish(
    _ state: inout MatchState, _ model: borrowing Model
  ) throws(SurgeonError) -> Bool {
    if state.roots.count < pattern.roots.count {
      let element = pattern.roots[state.roots.count]
      for node in candidates(forRoot: element, state, model) {
        var attempt = state
        attempt.goals.append(MatchState.Goal(element: element, target: .node(node)))
        if try solve(&attempt, model) {
          state = attempt
          return true
        }
      }
      return false
    }
    for value in state.readOnlyInside where !isRead(value, onlyBy: state.nodes, model) {
      return false
    }
    return true
  }

  func isRead(_ value: Value.ID, onlyBy nodes: [Node.ID], _ model: borrowing Model) -> Bool {
    let uses = model[value].uses
    return uses.allSatisfy { use in use.node.map { nodes.contains($0) } ?? false }
  }

  /// Nodes that a further root may be: what is computed, within the depth of the pattern, from a
  /// value that the two have in common.
  func candidates(
    forRoot element: Int, _ state: MatchState, _ model: borrowing Model
  ) -> [Node.ID] {
    let ops = pattern.operators(at: element) ?? []
    for slot in pattern.slots(under: element) {
      guard let shared = Value.ID.read(state.bindings[slot]) else { continue }
      var level = [shared]
      var result: [Node.ID] = []
      for _ in 0..<pattern.depth {
        var next: [Value.ID] = []
        for value in level {
          for case let node? in model[value].uses.map(\.node) where !state.roots.contains(node) {
            next += model[node].outputs.compactMap { $0 }
            let domain = Model.canonical(model[node].domain)
            let opType = model[node].opType
            if model[node].graph == model[state.roots[0]].graph, !result.contains(node),
              ops.contains(where: { $0.accepts(opType: opType, domain: domain) })
            {
              result.append(node)
            }
          }
        }
        level = next
      }
      return result
    }
    return []
  }
}
