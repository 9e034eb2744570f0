internal import SurgeonIR

// What a single value must be.
extension Matcher {
  /// Decides a goal that asks for no operator, and what else is asked of its value.
  func accepts(
    _ goal: MatchState.Goal, _ state: inout MatchState, _ model: borrowing Model
  ) throws(SurgeonError) -> Bool {
    let element = pattern.elements[goal.element]
    let target: Value.ID?
    switch goal.target {
    case .value(let value): target = value
    case .node(let node): target = model[node].output(0)
    }
    switch element.kind {
    case .op: return true
    case .absent: return target == nil
    case .either, .chain, .anything:
      guard let target else { return element.constraints.isEmpty && element.valueSlots.isEmpty }
      return constraintsHold(of: goal.element, target, [target], &state, model)
        && bindValues(of: goal.element, target, &state, model)
    case .number(let number, let tolerance):
      guard let target, let tensor = try constant(target, model),
        try tensor.isUniformly(number, tolerance: tolerance)
      else { return false }
      return constraintsHold(of: goal.element, target, [target], &state, model)
        && bindValues(of: goal.element, target, &state, model)
    case .capture(let slot, let kind):
      guard let target else {
        switch kind {
        case .value(isOptional: true), .constant(isOptional: true):
          return bind(slot, .absent, &state, model)
        default: return false
        }
      }
      let binding: Binding
      if case .constant = kind {
        guard let tensor = try constant(target, model) else { return false }
        binding = .constant(target, tensor)
      } else {
        binding = .value(target)
      }
      return bind(slot, binding, &state, model)
        && constraintsHold(of: goal.element, target, [target], &state, model)
        && bindValues(of: goal.element, target, &state, model)
    }
  }

  func constant(_ value: Value.ID, _ model: borrowing Model) throws(SurgeonError) -> Tensor? {
    try model.constant(value, trustsDefaults: policy.trustsDefaults)
  }

  func bindValues(
    of element: Int, _ value: Value.ID, _ state: inout MatchState, _ model: borrowing Model
  ) -> Bool {
    for slot in pattern.elements[element].valueSlots
    where !bind(slot, .value(value), &state, model) {
      return false
    }
    return true
  }

  /// Binds a capture, or compares with what it is bound to already.
  func bind(
    _ slot: Int, _ binding: Binding, _ state: inout MatchState, _ model: borrowing Model
  ) -> Bool {
    guard let bound = state.bindings[slot] else {
      state.bindings[slot] = binding
      return true
    }
    return Self.agree(bound, binding, model)
  }

  static func agree(_ a: Binding, _ b: Binding, _ model: borrowing Model) -> Bool {
    switch (a, b) {
    case (.absent, .absent): true
    case (.value(let a), .value(let b)), (.value(let a), .constant(let b?, _)),
      (.constant(let a?, _), .value(let b)):
      model.pathThroughIdentity(from: a).last == model.pathThroughIdentity(from: b).last
    case (.constant(let idA, let a), .constant(let idB, let b)):
      (idA != nil && idA == idB) || a.hasSameContents(as: b)
    case (.values(let a), .values(let b)): a == b
    case (.node(let a), .node(let b)): a == b
    case (.float(let a), .float(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.floats(let a), .floats(let b)): a == b
    case (.ints(let a), .ints(let b)): a == b
    case (.payload(let a), .payload(let b)): Self.agree(a, b)
    default: false
    }
  }

  private static func agree(_ a: Attribute.Payload, _ b: Attribute.Payload) -> Bool {
    switch (a, b) {
    case (.float(let a), .float(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.floats(let a), .floats(let b)): a == b
    case (.ints(let a), .ints(let b)): a == b
    case (.strings(let a), .strings(let b)): a == b
    case (.tensor(let a), .tensor(let b)): a.hasSameContents(as: b)
    default: false
    }
  }

  /// - Parameter path: the value as it is read and, behind Identity nodes, as it is computed.
  func constraintsHold(
    of element: Int, _ value: Value.ID, _ path: [Value.ID], _ state: inout MatchState,
    _ model: borrowing Model
  ) -> Bool {
    for constraint in pattern.elements[element].constraints {
      switch constraint.demand {
      case .usedOnce:
        for value in path {
          let uses = model[value].uses
          if uses.count != 1 || uses[0].isGraphOutput { return false }
        }
      case .usedOnlyInside: state.readOnlyInside += path
      default:
        if !holds(constraint.demand, of: value, model) { return false }
      }
    }
    return true
  }

  /// Decides a demand on the type or constancy of a value.
  func holds(
    _ demand: Constraint.Demand, of value: Value.ID, _ model: borrowing Model
  ) -> Bool {
    switch demand {
    case .usedOnce, .usedOnlyInside: return true
    case .rank(let ranks):
      guard let rank = types.type(of: value, in: model)?.rank else { return false }
      return ranks.contains(rank)
    case .elementType(let wanted):
      guard let elementType = types.type(of: value, in: model)?.elementType else { return false }
      return wanted.contains(elementType)
    case .shape(let wanted):
      guard let shape = types.type(of: value, in: model)?.shape, shape.rank == wanted.count else {
        return false
      }
      return zip(shape.dimensions, wanted).allSatisfy { $1 == nil || $0.value == $1 }
    case .equals(let number, let tolerance):
      let tensor = try? constant(value, model)
      return (try? tensor?.isUniformly(number, tolerance: tolerance)) ?? false
    case .elements(let numbers):
      let tensor = try? constant(value, model)
      return (try? tensor?.holds(numbers)) ?? false
    case .constant: return model.isConstant(value, trustsDefaults: policy.trustsDefaults)
    case .notConstant: return !model.isConstant(value, trustsDefaults: policy.trustsDefaults)
    }
  }
}
