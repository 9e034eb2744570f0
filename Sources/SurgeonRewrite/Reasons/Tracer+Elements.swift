internal import SurgeonIR

// The tolerant walk over the elements of a pattern.
extension Tracer {
  func follow(
    _ element: Int, _ target: MatchState.Goal.Target, _ state: TraceState,
    _ model: borrowing Model
  ) throws(SurgeonError) -> TraceState {
    switch pattern.elements[element].kind {
    case .op(let op): return try follow(op, element, target, state, model)
    case .either(let alternatives):
      var options: [TraceState] = []
      for alternative in alternatives {
        options.append(try follow(alternative, target, state, model))
      }
      var state = best(options) ?? state
      if case .value(let value?) = target { demand(element, [value], &state, model) }
      return state
    case .chain(let opTypes, let count, let inner):
      return try followChain(opTypes, count, inner, element, target, state, model)
    case .capture, .number, .absent, .anything:
      guard case .value(let value) = target else { return state }
      return try followLeaf(element, value, state, model)
    }
  }

  private func follow(
    _ op: CompiledPattern.Operator, _ element: Int, _ target: MatchState.Goal.Target,
    _ state: TraceState, _ model: borrowing Model
  ) throws(SurgeonError) -> TraceState {
    var state = state
    let node: Node.ID
    switch target {
    case .node(let root):
      guard op.accepts(opType: model[root].opType, domain: Model.canonical(model[root].domain))
      else {
        return miss(element, "the node is \(model.words(root))", nil, root, state, model)
      }
      node = root
      if let output = model[root].output(op.output ?? 0) {
        if state.output == nil { state.output = output }
        demand(element, [output], &state, model)
        bindValues(element, output, &state, model)
        if op.outputs == nil, !op.acceptsAnyOutputs {
          otherOutputs(of: root, than: output, element, &state, model)
        }
      } else {
        block(
          element, "the output that the rule replaces is left out", .constraint, &state, model,
          node: root)
      }
    case .value(let value):
      guard let value else {
        return miss(element, "the input is left out", nil, state.nodes.last, state, model)
      }
      let seesIdentity = op.opTypes.isEmpty || op.opTypes.contains("Identity")
      let path = seesIdentity ? [value] : model.pathThroughIdentity(from: value)
      let produced = path[path.count - 1]
      guard let producer = model[produced].producer,
        op.accepts(
          opType: model[producer.node].opType,
          domain: Model.canonical(model[producer.node].domain))
      else {
        return miss(element, model.origin(of: produced), produced, nil, state, model)
      }
      node = producer.node
      if model[node].graph != model[state.roots[0]].graph {
        block(
          element,
          "\(model.words(node)) stands outside of the body, where a rule takes values and"
            + " constants alone", .constraint, &state, model, node: node,
          remedy: "move the node into the body, or write the rule for what stands inside")
      }
      if let output = op.output, output != producer.output {
        block(
          element, "'\(model[produced].name)' is output \(producer.output), not \(output)",
          .constraint, &state, model, value: produced)
      }
      demand(element, path, &state, model)
      bindValues(element, produced, &state, model)
    }
    if !state.nodes.contains(node) { state.nodes.append(node) }
    details(of: op, element, node, &state, model)
    return try inputs(of: op, element, node, state, model)
  }

  private func otherOutputs(
    of node: Node.ID, than output: Value.ID, _ element: Int, _ state: inout TraceState,
    _ model: borrowing Model
  ) {
    for case let other? in model[node].outputs where other != output {
      guard !model[other].uses.isEmpty else { continue }
      state.blockers.append(
        Blocker(
          kind: .constraint, reason: "another output of the node, '\(model[other].name)', is read",
          element: pattern.describe(element), location: pattern.elements[element].location,
          node: node, value: other, place: model.words(node),
          readers: model.readers(of: other, except: []),
          remedy: "remove what reads it, if that is not needed"))
    }
  }

  /// Attributes, the node's capture and its outputs.
  private func details(
    of op: CompiledPattern.Operator, _ element: Int, _ node: Node.ID, _ state: inout TraceState,
    _ model: borrowing Model
  ) {
    for (attribute, slot) in zip(op.attributes, op.attributeSlots) {
      let sentence: String
      switch AttributeReading.read(attribute, of: node, model) {
      case .bound(let binding):
        guard let slot, !bind(slot, binding, &state, model) else { continue }
        sentence = "attribute '\(attribute.name)' is \(binding.text), and differs elsewhere"
      case .mismatch(let reason):
        if slot != nil { state.hasUnboundCaptures = true }
        sentence = Self.sentence(reason, attribute.name)
      }
      state.blockers.append(
        Blocker(
          kind: .constraint, reason: sentence, element: pattern.describe(element),
          location: attribute.location, node: node, value: nil, place: model.words(node),
          readers: [], remedy: nil))
    }
    if let slot = op.nodeSlot { _ = bind(slot, .node(node), &state, model) }
    guard let outputs = op.outputs else { return }
    for (index, output) in outputs.enumerated() {
      guard let value = model[node].output(index) else {
        if output.isOptional {
          _ = bind(output.slot, .absent, &state, model)
        } else {
          state.hasUnboundCaptures = true
          block(element, "output \(index) is left out", .constraint, &state, model, node: node)
        }
        continue
      }
      _ = bind(output.slot, .value(value), &state, model)
    }
    if model[node].outputs.count > outputs.count {
      block(
        element,
        "the node has \(model[node].outputs.count) outputs, the rule knows of"
          + " \(outputs.count)", .constraint, &state, model, node: node)
    }
  }

  private static func sentence(_ reason: AttributeReading.Reason, _ name: String) -> String {
    switch reason {
    case .missing: "attribute '\(name)' is not given"
    case .givenByCaller: "the caller of the function decides attribute '\(name)'"
    case .ofAnotherType: "attribute '\(name)' is of another type"
    case .notWanted: "attribute '\(name)' is given"
    case .differs(let wanted, let found):
      "attribute '\(name)' is \(found.text), the rule wants \(wanted.text)"
    }
  }

  // MARK: Inputs

  private func inputs(
    of op: CompiledPattern.Operator, _ element: Int, _ node: Node.ID, _ state: TraceState,
    _ model: borrowing Model
  ) throws(SurgeonError) -> TraceState {
    var state = state
    let inputs = model[node].inputs
    let surplus = inputs.dropFirst(op.inputs.count).compactMap { $0 }
    switch op.rest {
    case .ignored: break
    case .captured(let slot): _ = bind(slot, .values(surplus), &state, model)
    case .none:
      if let extra = surplus.first {
        block(
          element, "the node has an input more than the rule knows of, '\(model[extra].name)'",
          .constraint, &state, model, node: node)
      }
    }
    var options: [TraceState] = []
    for order in orders(of: op, inputs.count) {
      var option = state
      for (child, slot) in zip(op.inputs, order) {
        let value = slot < inputs.count ? inputs[slot] : nil
        option = try follow(child, .value(value), option, model)
      }
      options.append(option)
    }
    return best(options) ?? state
  }

  /// The order in which the inputs stand and, of two or three that commute, all others. Of more, the
  /// standing order is as good an explanation as any.
  private func orders(of op: CompiledPattern.Operator, _ count: Int) -> [[Int]] {
    let standing = Array(0..<op.inputs.count)
    guard op.isCommutative, count == op.inputs.count else { return [standing] }
    switch count {
    case 2: return [[0, 1], [1, 0]]
    case 3: return [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    default: return [standing]
    }
  }

  private func followChain(
    _ opTypes: Set<String>, _ count: Int, _ inner: Int, _ element: Int,
    _ target: MatchState.Goal.Target, _ state: TraceState, _ model: borrowing Model
  ) throws(SurgeonError) -> TraceState {
    var start = state
    let first: Value.ID
    switch target {
    case .value(let value?): first = value
    case .value(nil):
      return miss(element, "the input is left out", nil, state.nodes.last, state, model)
    case .node(let root):
      guard let output = model[root].output(0),
        model.chainLink(producing: output, among: opTypes) == root
      else {
        return count == 0
          ? try follow(inner, target, state, model)
          : miss(element, "the node is \(model.words(root))", nil, root, state, model)
      }
      if start.output == nil { start.output = output }
      first = output
    }
    demand(element, [first], &start, model)
    bindValues(element, first, &start, model)
    var reached = [first]
    var links: [Node.ID] = []
    while let node = model.chainLink(producing: reached[reached.count - 1], among: opTypes),
      let next = model[node].input(0)
    {
      links.append(node)
      reached.append(next)
    }
    guard links.count >= count else {
      return miss(
        element,
        "there are \(links.count) of \(opTypes.sorted().joined(separator: "/")), the rule"
          + " wants \(count)", first, nil, start, model)
    }
    var options: [TraceState] = []
    for length in (count...links.count).reversed() {
      var option = start
      option.nodes += links[..<length]
      options.append(try follow(inner, .value(reached[length]), option, model))
    }
    return best(options) ?? start
  }
}
