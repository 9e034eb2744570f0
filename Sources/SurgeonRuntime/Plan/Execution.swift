internal import SurgeonIR

/// Who watches a run.
struct RunObserver {
  /// The values to report; nil for all of the main graph.
  var observed: Set<Value.ID>?
  var observe: ((Value.ID, String, RuntimeValue) throws(SurgeonError) -> Void)?
  var time: ((NodeTiming) -> Void)?

  /// Reports plain values.
  init(
    observed: Set<Value.ID>?, observe: @escaping (Observation) throws(SurgeonError) -> Void
  ) {
    self.observed = observed
    self.observe = { (id, name, value) throws(SurgeonError) in
      try observe(Observation(value: id, name: name, datum: value.plain()))
    }
  }

  /// Reports values in whatever layout they have.
  init(
    observed: Set<Value.ID>,
    observeLayout: @escaping (Value.ID, RuntimeValue) throws(SurgeonError) -> Void
  ) {
    self.observed = observed
    observe = { (id, _, value) throws(SurgeonError) in try observeLayout(id, value) }
  }

  init(time: @escaping (NodeTiming) -> Void) { self.time = time }

  func wants(_ value: Value.ID) -> Bool {
    observe != nil && (observed.map { $0.contains(value) } ?? true)
  }
}

extension GraphPlan {
  /// Runs the plan on a frame that holds the inputs, and returns the outputs.
  func run(
    _ frame: Frame, _ context: ExecutionContext, observer: RunObserver? = nil
  ) throws(SurgeonError) -> [RuntimeValue] {
    if let observer, observer.observe != nil { try reportGiven(frame, to: observer) }
    for step in steps { try execute(step, frame, context, observer: observer) }
    return try results(frame)
  }

  /// Runs the plan of a body or a function, which is watched where the bodies of `outer` are. What it
  /// was given is not reported, only what its nodes compute.
  fileprivate func run(
    _ frame: Frame, _ context: ExecutionContext, watchedAs outer: Frame?
  ) throws(SurgeonError) -> [RuntimeValue] {
    frame.bodyObserver = outer?.bodyObserver
    for step in steps { try execute(step, frame, context, observer: frame.bodyObserver) }
    return try results(frame)
  }

  /// Runs one node and frees what nothing after it reads.
  func execute(
    _ step: Step, _ frame: Frame, _ context: ExecutionContext, observer: RunObserver?
  ) throws(SurgeonError) {
    if let time = observer?.time {
      try compute(step, frame, context, reportingTo: time)
    } else {
      try compute(step, frame, context)
    }
    if let observer, observer.observe != nil {
      for case let slot? in step.outputs { try report(slot, frame, to: observer) }
    }
    for slot in step.releases { frame.values[slot] = nil }
  }

  private func compute(
    _ step: Step, _ frame: Frame, _ context: ExecutionContext
  ) throws(SurgeonError) {
    let inputs = step.inputs.map { slot in slot.flatMap { frame.values[$0] } }
    var consumes = step.consumes
    for (index, slot) in step.inputs.enumerated() where consumes[index] {
      guard let slot, case .datum? = inputs[index] else { continue }
      consumes[index] = frame.isExclusive[slot]
    }
    let call = KernelCall(
      step.description, inputs: inputs, context: context, frame: frame, consumes: consumes)
    do throws(SurgeonError) {
      try store(step.kernel.run(call), of: step, in: frame)
    } catch {
      throw error.located(at: step.node, inputs: inputs)
    }
    if let slot = step.lentOutput { frame.isExclusive[slot] = call.isExclusive(frame.values[slot]) }
  }

  private func compute(
    _ step: Step, _ frame: Frame, _ context: ExecutionContext,
    reportingTo time: (NodeTiming) -> Void
  ) throws(SurgeonError) {
    let clock = ContinuousClock()
    let reorders = context.reorderCount
    let start = clock.now
    try compute(step, frame, context)
    do throws(SurgeonError) {
      try makePlain(step, frame)
    } catch {
      throw error.within(step.node.title)
    }
    time(
      NodeTiming(
        step.node, engine: step.kernel.engineName, duration: clock.now - start,
        reorders: context.reorderCount - reorders))
  }

  /// Copies what a node made for the graph's caller into the standard's order, so that its time and
  /// its reorder count as the node's; the caller gets that copy.
  private func makePlain(_ step: Step, _ frame: Frame) throws(SurgeonError) {
    for case let slot? in step.outputs where outputs.contains(where: { $0.slot == slot }) {
      _ = try frame.values[slot]?.plain()
    }
  }

  /// The outputs once every node has run.
  func results(_ frame: Frame) throws(SurgeonError) -> [RuntimeValue] {
    var results: [RuntimeValue] = []
    for output in outputs {
      guard let value = frame.values[output.slot] else {
        throw SurgeonError(.invalidGraph, "output '\(output.name)' was not computed")
      }
      // Whoever gets it may keep it.
      if case .layout(let layout) = value { layout.share() }
      results.append(value)
    }
    return results
  }

  private func store(
    _ results: [RuntimeValue?], of step: Step, in frame: Frame
  ) throws(SurgeonError) {
    for index in step.outputs.indices {
      guard let slot = step.outputs[index] else { continue }
      let result = index < results.count ? results[index] : nil
      if result == nil, step.node.needsOutput(index) {
        throw SurgeonError(
          .unsupportedOperator,
          "\(step.node.opType) does not compute its output \(index) ('\(names[slot])')")
      }
      frame.values[slot] = result
    }
  }

  /// Reports what is there before the first node: inputs and constants.
  func reportGiven(_ frame: Frame, to observer: RunObserver) throws(SurgeonError) {
    for slot in frame.values.indices where !isAwaited(slot) {
      try report(slot, frame, to: observer)
    }
  }

  private func report(
    _ slot: Int, _ frame: Frame, to observer: RunObserver
  ) throws(SurgeonError) {
    guard observer.wants(values[slot]), let observe = observer.observe,
      let value = frame.values[slot]
    else { return }
    // It may be kept.
    frame.isExclusive[slot] = false
    try observe(values[slot], names[slot], value)
  }
}

extension KernelCall {
  /// Runs the graph in attribute `name` of the node.
  func run(body name: String, _ arguments: [RuntimeValue]) throws(SurgeonError) -> [RuntimeValue] {
    guard let plan = node.bodies[name] else {
      throw failure("attribute '\(name)' of \(node.opType) is missing")
    }
    guard arguments.count <= plan.inputs.count else {
      throw failure(
        "the graph in '\(name)' takes \(plan.inputs.count) inputs, not "
          + "\(arguments.count)")
    }
    let inner = Frame(plan)
    for capture in plan.captures { inner.values[capture.slot] = frame?.values[capture.outerSlot] }
    try plan.bind(arguments, in: inner)
    return try plan.run(inner, context, watchedAs: frame)
  }
}

extension GraphPlan {
  /// Puts positional arguments, and defaults for the rest, into their slots.
  func bind(_ arguments: [RuntimeValue?], in frame: Frame) throws(SurgeonError) {
    for (index, input) in inputs.enumerated() {
      let argument = index < arguments.count ? arguments[index] : nil
      frame.values[input.slot] = argument ?? input.defaultValue.map { .datum($0) }
    }
  }
}

/// A call of a model-local function.
struct FunctionKernel: Kernel {
  let plan: GraphPlan
  var engineName: String { "function" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    let frame = Frame(plan)
    try plan.bind(call.inputs, in: frame)
    return try plan.run(frame, call.context, watchedAs: call.frame)
  }
}

extension SurgeonError {
  /// The error with its node and, where nothing more exact is known, the types of its inputs.
  func located(at node: NodeDescription, inputs: [RuntimeValue?]) -> SurgeonError {
    var copy = self
    if copy.location.isEmpty, copy.detail == nil {
      let types = inputs.map { input in
        guard let input else { return "none" }
        guard let type = input.elementType, let shape = input.shape else { return "no tensor" }
        return "\(type.name)[\(shape.map(String.init).joined(separator: ","))]"
      }
      copy.detail = "opset \(node.opset), inputs " + types.joined(separator: ", ")
    }
    return copy.within(node.title)
  }
}
