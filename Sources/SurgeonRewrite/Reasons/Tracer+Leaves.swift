internal import SurgeonIR

// What is in the way of a single value.
extension Tracer {
  func followLeaf(
    _ element: Int, _ value: Value.ID?, _ state: TraceState, _ model: borrowing Model
  ) throws(SurgeonError) -> TraceState {
    var state = state
    switch pattern.elements[element].kind {
    case .absent:
      if let value {
        block(
          element, "'\(model[value].name)' is given where the rule wants an input left out",
          .constraint, &state, model, value: value)
      }
      return state
    case .number(let number, let tolerance):
      guard let value else {
        block(element, "the input is left out", .constraint, &state, model)
        return state
      }
      if let tensor = try matcher.constant(value, model) {
        if try !tensor.isUniformly(number, tolerance: tolerance) {
          block(
            element,
            "'\(model[value].name)' is \(try Self.words(tensor)), the rule looks for"
              + " \(CompiledPattern.text(number))", .constraint, &state, model, value: value)
        }
      } else {
        state.variables += 1
        block(
          element, "'\(model[value].name)' is not a constant: \(model.origin(of: value))",
          .constraint, &state, model, value: value)
      }
    case .capture(let slot, let kind): try capture(slot, kind, element, value, &state, model)
    case .op, .anything, .either, .chain: break
    }
    if let value {
      demand(element, [value], &state, model)
      bindValues(element, value, &state, model)
    }
    return state
  }

  private func capture(
    _ slot: Int, _ kind: CaptureKind, _ element: Int, _ value: Value.ID?,
    _ state: inout TraceState, _ model: borrowing Model
  ) throws(SurgeonError) {
    let name = pattern.captureNames[slot]
    guard let value else {
      switch kind {
      case .value(isOptional: true), .constant(isOptional: true):
        if !bind(slot, .absent, &state, model) {
          block(
            element, "\(name) is left out here and given elsewhere", .constraint, &state, model)
        }
      default:
        state.hasUnboundCaptures = true
        block(element, "\(name) is left out", .constraint, &state, model)
      }
      return
    }
    var binding = Binding.value(value)
    if case .constant = kind {
      guard let tensor = try matcher.constant(value, model) else {
        state.hasUnboundCaptures = true
        state.variables += 1
        block(
          element, "\(name) '\(model[value].name)' is not a constant: \(model.origin(of: value))",
          .constraint, &state, model, value: value, remedy: model.remedyForVariable(value))
        return
      }
      binding = .constant(value, tensor)
    }
    if !bind(slot, binding, &state, model) {
      let other = Value.ID.read(state.bindings[slot]).map { "'\(model[$0].name)'" } ?? "nothing"
      block(
        element, "\(name) is '\(model[value].name)' here and \(other) elsewhere", .constraint,
        &state, model, value: value)
    }
  }

  func bind(
    _ slot: Int, _ binding: Binding, _ state: inout TraceState, _ model: borrowing Model
  ) -> Bool {
    guard let bound = state.bindings[slot] else {
      state.bindings[slot] = binding
      return true
    }
    return Matcher.agree(bound, binding, model)
  }

  func bindValues(
    _ element: Int, _ value: Value.ID, _ state: inout TraceState, _ model: borrowing Model
  ) {
    for slot in pattern.elements[element].valueSlots
    where !bind(slot, .value(value), &state, model) {
      block(
        element,
        "\(pattern.captureNames[slot]) is '\(model[value].name)' here and another value"
          + " elsewhere", .constraint, &state, model, value: value)
    }
  }

  /// Notes every demand on a value that does not hold.
  func demand(
    _ element: Int, _ path: [Value.ID], _ state: inout TraceState, _ model: borrowing Model
  ) {
    for constraint in pattern.elements[element].constraints {
      switch constraint.demand {
      case .usedOnce:
        for value in path {
          let uses = model[value].uses
          guard uses.count != 1 || uses[0].isGraphOutput else { continue }
          // The reader within the match is the node that was matched last.
          var known = state
          known.nodes = state.nodes.filter { reader in uses.contains { $0.node == reader } }
          state.blockers.append(readBlocker(element, constraint, value, known, model))
        }
      case .usedOnlyInside:
        for value in path { state.readOnlyInside.append((element, constraint, value)) }
      default:
        guard let value = path.last, !matcher.holds(constraint.demand, of: value, model) else {
          continue
        }
        state.blockers.append(typeBlocker(element, constraint, value, model))
      }
    }
  }

  private func typeBlocker(
    _ element: Int, _ constraint: Constraint, _ value: Value.ID, _ model: borrowing Model
  ) -> Blocker {
    let name = model[value].name
    let type = types.type(of: value, in: model)
    var reason: String
    var remedy: String?
    let unknown = "record its shape in the model, or give the sizes of the inputs"
    switch constraint.demand {
    case .rank(let ranks):
      let wanted =
        ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      reason =
        type?.rank.map { "'\(name)' has rank \($0), the rule wants \(wanted)" }
        ?? "the rank of '\(name)' is not known, the rule wants \(wanted)"
      remedy = type?.rank == nil ? unknown : nil
    case .elementType(let wanted):
      let names = wanted.map(\.name).joined(separator: " or ")
      reason =
        type?.elementType.map { "'\(name)' is of type \($0.name), the rule wants \(names)" }
        ?? "the type of '\(name)' is not known, the rule wants \(names)"
    case .shape(let wanted):
      let sizes = wanted.map { $0.map { "\($0)" } ?? "any" }.joined(separator: ", ")
      let found = type?.shape.map { "is [\(Self.words($0))]" } ?? "is not known"
      reason = "the shape of '\(name)' \(found), the rule wants [\(sizes)]"
      remedy = type?.shape == nil ? unknown : nil
    case .equals(let number, _): reason = "'\(name)' is not \(CompiledPattern.text(number))"
    case .elements(let numbers):
      reason =
        "'\(name)' is not [\(numbers.map(CompiledPattern.text).joined(separator: ", "))]"
    case .constant:
      reason = "'\(name)' is not a constant: \(model.origin(of: value))"
      remedy = model.remedyForVariable(value)
    case .notConstant: reason = "'\(name)' is a constant"
    case .usedOnce, .usedOnlyInside: reason = "'\(name)' is read by others"
    }
    return Blocker(
      kind: .constraint, reason: reason, element: pattern.describe(element),
      location: constraint.location, node: nil, value: value, place: model.words(value),
      readers: [], remedy: remedy)
  }

  // MARK: Words

  /// An operator that is not there, with everything that hangs on it.
  func miss(
    _ element: Int, _ found: String, _ value: Value.ID?, _ node: Node.ID?, _ state: TraceState,
    _ model: borrowing Model
  ) -> TraceState {
    var state = state
    state.missing += pattern.operatorCount(under: element)
    state.hasUnboundCaptures = true
    let at = value.map { " at '\(model[$0].name)'" } ?? ""
    block(
      element, "the rule looks for \(pattern.leadingName(element))\(at): \(found)", .structure,
      &state, model, node: node, value: value)
    return state
  }

  func block(
    _ element: Int, _ reason: String, _ kind: Blocker.Kind, _ state: inout TraceState,
    _ model: borrowing Model, node: Node.ID? = nil, value: Value.ID? = nil, remedy: String? = nil
  ) {
    let place: String? =
      if let value { model.words(value) } else if let node { model.words(node) } else { nil }
    state.blockers.append(
      Blocker(
        kind: kind, reason: reason, element: pattern.describe(element),
        location: pattern.elements[element].location, node: node, value: value, place: place,
        readers: [], remedy: remedy))
  }

  private static func words(_ tensor: Tensor) throws(SurgeonError) -> String {
    guard let numbers = try tensor.realNumbers(), let first = numbers.first else {
      return "no number"
    }
    return numbers.count == 1
      ? CompiledPattern.text(first) : "\(CompiledPattern.text(first)), ... of shape \(tensor.shape)"
  }

  private static func words(_ shape: Shape) -> String {
    shape.dimensions.map { dimension in
      switch dimension.size {
      case .known(let size): "\(size)"
      case .symbolic(let name): name
      case .unknown: "?"
      }
    }.joined(separator: ", ")
  }
}
