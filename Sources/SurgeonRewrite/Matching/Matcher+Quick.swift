internal import SurgeonIR

// Cheap tests that must hold where a pattern matches. They allocate nothing: nearly every attempt
// ends here, and of the others most choices.
extension Matcher {
  /// How many operators down the quick test looks.
  private static let reach = 3

  /// Compares the operators of the pattern with those that compute the value of `root`.
  func mayMatch(_ root: Node.ID, in model: borrowing Model) -> Bool {
    mayMatch(pattern.roots[0], .node(root), model)
  }

  func mayMatch(
    _ element: Int, _ target: MatchState.Goal.Target, _ model: borrowing Model
  ) -> Bool {
    switch target {
    case .value(let value): return mayMatch(element, value, Self.reach, model)
    case .node(let node):
      switch pattern.elements[element].kind {
      case .op(let op): return mayMatch(op, node, Self.reach, model)
      case .either(let alternatives):
        return alternatives.contains { mayMatch($0, target, model) }
      default: return true
      }
    }
  }

  /// The same for an input of a commuting operator. False also where the element captures a value
  /// and has captured another one already.
  func mayMatch(
    _ element: Int, _ value: Value.ID?, _ state: MatchState, _ model: borrowing Model
  ) -> Bool {
    if case .capture(let slot, .value) = pattern.elements[element].kind, let value,
      case .value(let bound)? = state.bindings[slot]
    {
      return value == bound || Self.agree(.value(value), .value(bound), model)
    }
    return mayMatch(element, value, Self.reach, model)
  }

  private func mayMatch(
    _ element: Int, _ value: Value.ID?, _ reach: Int, _ model: borrowing Model
  ) -> Bool {
    switch pattern.elements[element].kind {
    case .op(let op):
      guard !op.opTypes.isEmpty else { return true }
      guard let value, let producer = model[value].producer?.node else { return false }
      return mayMatch(op, producer, reach, model) || model[producer].opType == "Identity"
    case .number, .capture(_, .constant(isOptional: false)):
      guard let value else { return false }
      // What cannot be read is reported by whoever reads it.
      do { return try constant(value, model) != nil } catch { return true }
    case .capture, .absent, .anything, .either, .chain: return true
    }
  }

  private func mayMatch(
    _ op: CompiledPattern.Operator, _ node: Node.ID, _ reach: Int, _ model: borrowing Model
  ) -> Bool {
    guard op.accepts(opType: model[node].opType, domain: Model.canonical(model[node].domain))
    else { return false }
    guard reach > 1 else { return true }
    let count = model[node].inputs.count
    for place in op.tellingInputs {
      if op.isCommutative {
        var isSomewhere = false
        for slot in 0..<count where !isSomewhere {
          isSomewhere = mayMatch(op.inputs[place], model[node].inputs[slot], reach - 1, model)
        }
        if !isSomewhere { return false }
      } else {
        let value = place < count ? model[node].inputs[place] : nil
        if !mayMatch(op.inputs[place], value, reach - 1, model) { return false }
      }
    }
    return true
  }
}
