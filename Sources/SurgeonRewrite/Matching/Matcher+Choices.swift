internal import SurgeonIR

/// What may match in several ways: inputs that commute, and chains of any length.
extension Matcher {
  /// Up to two orders in which the patterns may fit the inputs.
  func firstOrders(
    of op: CompiledPattern.Operator, _ node: Node.ID, _ state: MatchState, _ model: borrowing Model
  ) -> [[Int]] {
    let inputs = model[node].inputs
    if case .none = op.rest, inputs.count != op.inputs.count { return [] }
    guard inputs.count >= op.inputs.count else { return [] }
    var found: [[Int]] = []
    var chosen: [Int] = []
    collectOrders(of: op, inputs, &chosen, &found, state, model)
    return found
  }

  private func collectOrders(
    of op: CompiledPattern.Operator, _ inputs: [Value.ID?], _ chosen: inout [Int],
    _ found: inout [[Int]], _ state: MatchState, _ model: borrowing Model
  ) {
    guard chosen.count < op.inputs.count else {
      found.append(chosen)
      return
    }
    let element = op.inputs[chosen.count]
    for slot in inputs.indices where found.count < 2 && !chosen.contains(slot) {
      guard mayMatch(element, inputs[slot], state, model) else { continue }
      chosen.append(slot)
      collectOrders(of: op, inputs, &chosen, &found, state, model)
      chosen.removeLast()
    }
  }

  /// Sets the goals for the inputs, `slots[i]` for pattern `i`.
  func push(
    _ op: CompiledPattern.Operator, _ node: Node.ID, inOrder slots: [Int],
    _ state: inout MatchState, _ model: borrowing Model
  ) -> Bool {
    let inputs = model[node].inputs
    for place in slots.indices.reversed() {
      state.goals.append(
        MatchState.Goal(element: op.inputs[place], target: .value(inputs[slots[place]])))
    }
    guard case .captured(let slot) = op.rest else { return true }
    let rest = inputs.indices.filter { !slots.contains($0) }.compactMap { inputs[$0] }
    return bind(slot, .values(rest), &state, model)
  }

  /// Tries every assignment of the patterns to the inputs.
  func solveOrders(
    of op: CompiledPattern.Operator, _ node: Node.ID, _ state: inout MatchState,
    _ model: borrowing Model
  ) throws(SurgeonError) -> Bool {
    var chosen: [Int] = []
    return try assign(op, node, &chosen, &state, model)
  }

  private func assign(
    _ op: CompiledPattern.Operator, _ node: Node.ID, _ chosen: inout [Int],
    _ state: inout MatchState, _ model: borrowing Model
  ) throws(SurgeonError) -> Bool {
    if chosen.count == op.inputs.count {
      var attempt = state
      guard push(op, node, inOrder: chosen, &attempt, model), try solve(&attempt, model) else {
        return false
      }
      state = attempt
      return true
    }
    let element = op.inputs[chosen.count]
    for slot in model[node].inputs.indices where !chosen.contains(slot) {
      guard mayMatch(element, model[node].inputs[slot], state, model) else { continue }
      chosen.append(slot)
      if try assign(op, node, &chosen, &state, model) { return true }
      chosen.removeLast()
    }
    return false
  }

  /// Tries the chain at its longest first.
  func solveChain(
    of opTypes: Set<String>, atLeast count: Int, _ inner: Int, _ goal: MatchState.Goal,
    _ state: inout MatchState, _ model: borrowing Model
  ) throws(SurgeonError) -> Bool {
    let first: Value.ID
    switch goal.target {
    case .value(let value?): first = value
    case .value(nil): return false
    case .node(let root):
      return try solveRootChain(of: opTypes, atLeast: count, inner, root, goal, &state, model)
    }
    guard constraintsHold(of: goal.element, first, [first], &state, model),
      bindValues(of: goal.element, first, &state, model)
    else { return false }
    var links: [(node: Node.ID, value: Value.ID)] = []
    var value = first
    while let node = model.chainLink(producing: value, among: opTypes),
      model[node].graph == model[state.roots[0]].graph, let next = model[node].input(0)
    {
      links.append((node, next))
      value = next
    }
    guard links.count >= count else { return false }
    for length in (count...links.count).reversed() {
      let reached = length == 0 ? first : links[length - 1].value
      guard mayMatch(inner, .value(reached), model) else { continue }
      var attempt = state
      attempt.nodes += links[..<length].map(\.node)
      attempt.goals.append(MatchState.Goal(element: inner, target: .value(reached)))
      if try solve(&attempt, model) {
        state = attempt
        return true
      }
    }
    return false
  }

  /// A chain at a root: its last link is the root, or it has none and the inner pattern is.
  private func solveRootChain(
    of opTypes: Set<String>, atLeast count: Int, _ inner: Int, _ root: Node.ID,
    _ goal: MatchState.Goal, _ state: inout MatchState, _ model: borrowing Model
  ) throws(SurgeonError) -> Bool {
    if let output = model[root].output(0),
      model.chainLink(producing: output, among: opTypes) == root,
      isOnlyReadOutput(output, of: root, model)
    {
      var attempt = state
      attempt.roots.append(root)
      if attempt.output == nil { attempt.output = output }
      let rest = MatchState.Goal(element: goal.element, target: .value(output))
      if try solveChain(of: opTypes, atLeast: max(count, 1), inner, rest, &attempt, model) {
        state = attempt
        return true
      }
    }
    guard count == 0 else { return false }
    state.goals.append(MatchState.Goal(element: inner, target: .node(root)))
    guard try accepts(goal, &state, model) else { return false }
    return try solve(&state, model)
  }
}
