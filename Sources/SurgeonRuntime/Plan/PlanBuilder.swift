internal import SurgeonIR
internal import SurgeonShapes

/// Compiles graphs to plans: resolves kernels, computes what is constant, finds last uses.
struct PlanBuilder {
  let model: Model
  let registry: KernelRegistry
  let context: ExecutionContext
  /// The attributes of the function call that is compiled, nil outside of functions.
  var arguments: [String: Attribute.Payload]?
  /// Functions on the way in, to find one that calls itself.
  var callStack: [String] = []
  /// Types and shapes, where the plan is to be optimised.
  var types: TypeTable?
  /// What to plan of the main graph; nil for all.
  var part: GraphPart?
  /// Values of the main graph that stay values of their own where steps are fused.
  var observed: Set<Value.ID> = []
  /// Inputs that steps may write over after their last use.
  var consumable: Set<Value.ID> = []
  /// Constants of the graphs around the one that is compiled.
  var constants: [Value.ID: RuntimeValue] = [:]

  private var options: SessionOptions { context.options }

  /// - Parameter outerSlots: the slots of the graph around, where `graph` is a body.
  func plan(
    _ graph: Graph.ID, outerSlots: [Value.ID: Int] = [:]
  ) throws(SurgeonError) -> GraphPlan {
    var work = GraphWork(builder: self)
    let captures = try capture(outerSlots, for: graph, in: &work)
    let inputs = try declareInputs(of: graph, in: &work)
    let part = graph == model.mainGraph ? part : nil
    for value in part?.valuesRead(in: model) ?? model[graph].initializers
    where work.slots[value] == nil {
      try declareInitializer(value, in: &work)
    }
    // A part is one of many: to look for its nodes among all would take the square of their number.
    var nodes = part?.nodes.sorted(by: model.isBefore) ?? Array(model.nodes(of: graph))
    if let part, !part.awaited.isEmpty { nodes = ordered(nodes, awaiting: part.awaited) }
    for node in nodes { try add(node, to: &work) }

    var outputs: [GraphPlan.Output] = []
    for output in part?.outputs ?? model[graph].outputs {
      guard let slot = work.slots[output] else {
        throw SurgeonError(
          .invalidGraph, "graph output '\(model[output].name)' is computed by nothing")
      }
      outputs.append(
        GraphPlan.Output(
          name: model[output].name, slot: slot, value: output, type: model[output].type))
    }
    if options.optimize, options.engine == .fast, options.precision == .single, let types {
      work.steps = try Fusion.fuse(
        work.steps, values: work.values,
        outputs: outputs.map(\.slot) + observed.compactMap { work.slots[$0] }, types: types)
    }
    work.consumable = Set(consumable.compactMap { work.slots[$0] })
    work.markReleases(keeping: Set(outputs.map(\.slot)))
    return GraphPlan(
      inputs: inputs, captures: captures, constants: work.neededConstants(outputs.map(\.slot)),
      steps: work.steps, outputs: outputs, awaited: work.awaited, values: work.values,
      names: work.values.map { model[$0].name })
  }

  /// The nodes with those last that most awaited ones stand before: so a run stops as rarely as can be.
  private func ordered(_ nodes: [Node.ID], awaiting awaited: Set<Node.ID>) -> [Node.ID] {
    var levels: [Value.ID: Int] = [:]
    var groups: [[Node.ID]] = []
    for node in nodes {
      var level = model.valuesRead(by: node).map { levels[$0] ?? 0 }.max() ?? 0
      if awaited.contains(node) { level += 1 }
      for case let output? in model[node].outputs { levels[output] = level }
      while groups.count <= level { groups.append([]) }
      groups[level].append(node)
    }
    return groups.flatMap(\.self)
  }

  private func capture(
    _ outerSlots: [Value.ID: Int], for graph: Graph.ID, in work: inout GraphWork
  ) throws(SurgeonError) -> [GraphPlan.Capture] {
    guard case .node = model[graph].owner else { return [] }
    var captures: [GraphPlan.Capture] = []
    for value in model.outerValues(readIn: graph) where work.slots[value] == nil {
      if let constant = constants[value] {
        work.declareConstant(value, constant)
      } else if let outer = outerSlots[value] {
        captures.append(GraphPlan.Capture(outerSlot: outer, slot: work.declare(value)))
      } else {
        throw SurgeonError(
          .invalidGraph, "a body reads '\(model[value].name)', which is not computed before it")
      }
    }
    return captures
  }

  private func declareInputs(
    of graph: Graph.ID, in work: inout GraphWork
  ) throws(SurgeonError) -> [GraphPlan.Input] {
    var inputs: [GraphPlan.Input] = []
    let part = graph == model.mainGraph ? part : nil
    for value in part?.inputs ?? model[graph].inputs {
      let record = model[value]
      let initializer = try initialValue(of: value)
      // Below IR version 4 the standard demanded that every initializer be listed as an input.
      if graph == model.mainGraph, let initializer, model.header.irVersion < 4 {
        work.declareConstant(value, .datum(initializer))
        continue
      }
      inputs.append(
        GraphPlan.Input(
          name: record.name, slot: work.declare(value),
          type: part == nil ? record.type : record.type?.withAnyRows, defaultValue: initializer))
    }
    return inputs
  }

  private func declareInitializer(
    _ value: Value.ID, in work: inout GraphWork
  ) throws(SurgeonError) {
    guard let initializer = try initialValue(of: value) else { return }
    work.declareConstant(value, .datum(initializer))
  }

  private func initialValue(of value: Value.ID) throws(SurgeonError) -> Datum? {
    let record = model[value]
    do throws(SurgeonError) {
      if let tensor = record.initializer {
        return .tensor(
          try tensor.prepared(for: options.precision, keepsPlace: isRearranged(value)))
      }
      if let sparse = record.sparseInitializer {
        return .tensor(try sparse.dense().prepared(for: options.precision))
      }
    } catch {
      throw error.within("initializer '\(record.name)'")
    }
    return nil
  }

  /// True for weights that every reader rearranges once for itself: to copy them from an odd
  /// address in their file first would hold them twice.
  private func isRearranged(_ value: Value.ID) -> Bool {
    guard options.engine == .fast, options.precision == .single,
      model[value].initializer?.elementType == .float32
    else { return false }
    return model[value].uses.allSatisfy { use in
      guard case .node(let node, let slot) = use else { return false }
      return slot == 1 && model[node].domain.isEmpty
        && FastEngine.rearrangesWeights.contains(model[node].opType)
    }
  }

  private func add(_ id: Node.ID, to work: inout GraphWork) throws(SurgeonError) {
    let node = model[id]
    if part?.awaited.contains(id) == true { return try addAwaited(id, node, to: &work) }
    var description = describe(id, node, work)
    do throws(SurgeonError) {
      var inputs: [Int?] = []
      for input in node.inputs {
        guard let input else {
          inputs.append(nil)
          continue
        }
        guard let slot = work.slots[input] else {
          throw SurgeonError(
            .invalidGraph, "'\(model[input].name)' is read before anything computes it")
        }
        inputs.append(slot)
      }
      for attribute in description.attributes {
        guard case .graph(let body) = attribute.payload else { continue }
        var inner = self
        inner.constants = work.constants
        description.bodies[attribute.name] = try inner.plan(body, outerSlots: work.slots)
      }
      let kernel = try kernel(for: &description, of: id)
      if let folded = fold(kernel, description, inputs, work) {
        for (output, value) in zip(node.outputs, folded) {
          if let output, let value { work.declareConstant(output, value) }
        }
        return
      }
      let outputs = node.outputs.map { output in output.map { work.declare($0) } }
      work.steps.append(
        GraphPlan.Step(
          kernel: kernel, description: SharedDescription(description), inputs: inputs,
          outputs: outputs))
    } catch {
      throw error.within(description.title)
    }
  }

  /// A BatchNormalization that reads what a run is given for it instead of its parameters.
  private func addAwaited(
    _ id: Node.ID, _ node: Node, to work: inout GraphWork
  ) throws(SurgeonError) {
    guard let input = node.input(0), let x = work.slots[input], let output = node.output(0) else {
      throw SurgeonError(.broken, "an awaited BatchNormalization has no input or no output")
    }
    var description = describe(id, node, work)
    description.constants = [nil, nil, nil]
    let slots = work.declareAwaited(id, output)
    work.steps.append(
      GraphPlan.Step(
        kernel: AwaitedNormalization(), description: SharedDescription(description),
        inputs: [x, slots.factors, slots.summands], outputs: [work.declare(output)]))
  }

  private func describe(_ id: Node.ID, _ node: Node, _ work: GraphWork) -> NodeDescription {
    let domain = Model.canonical(node.domain)
    return NodeDescription(
      id: id, name: node.name, opType: node.opType, domain: domain,
      opset: model.opset(domain, in: node.graph) ?? 1, sinceVersion: 1,
      attributes: resolved(node.attributes),
      constants: node.inputs.map { input in
        guard let input, case .datum(let datum)? = work.constants[input] else { return nil }
        return datum.tensor
      },
      hasInput: node.inputs.map { $0 != nil },
      outputNames: node.outputs.map { output in output.map { model[$0].name } ?? "" },
      usesOutput: node.outputs.map { output in output.map { !model[$0].uses.isEmpty } ?? false },
      endsGraph: node.output(0).map { output in
        let uses = model[output].uses
        return !uses.isEmpty && uses.graphOutputCount == uses.count
      } ?? false,
      options: options)
  }

  /// Attributes with references to the function's parameters replaced by the call's arguments.
  private func resolved(_ attributes: [Attribute]) -> [Attribute] {
    attributes.compactMap { attribute in
      guard case .reference(let name, _) = attribute.payload else { return attribute }
      return arguments?[name].map { Attribute(attribute.name, $0) }
    }
  }

  private func kernel(
    for description: inout NodeDescription, of id: Node.ID
  ) throws(SurgeonError) -> any Kernel {
    guard let function = model.function(calledBy: id) else {
      return try registry.kernel(for: &description)
    }
    let key = "\(function.domain):\(function.name):\(function.overload)"
    guard !callStack.contains(key) else {
      throw SurgeonError(.invalidGraph, "function \(function.name) calls itself")
    }
    var arguments: [String: Attribute.Payload] = [:]
    for attribute in function.attributeDefaults { arguments[attribute.name] = attribute.payload }
    for attribute in description.attributes { arguments[attribute.name] = attribute.payload }
    var inner = self
    inner.arguments = arguments
    inner.callStack.append(key)
    inner.constants = [:]
    return FunctionKernel(plan: try inner.plan(function.body))
  }

  /// The outputs of a node whose inputs are all constants; nil where it must run every time.
  ///
  /// A node that fails here fails again, with its place, when the model runs.
  private func fold(
    _ kernel: any Kernel, _ node: NodeDescription, _ inputs: [Int?], _ work: GraphWork
  ) -> [RuntimeValue?]? {
    guard options.foldsConstants, node.bodies.isEmpty, !(kernel is FunctionKernel),
      !registry.isRandom(node)
    else { return nil }
    var values: [RuntimeValue?] = []
    for slot in inputs {
      guard let slot else {
        values.append(nil)
        continue
      }
      guard let constant = work.constants[work.values[slot]] else { return nil }
      values.append(constant)
    }
    let call = KernelCall(node: node, inputs: values, context: context)
    guard
      let outputs = try? kernel.run(call).map({ value in
        try value.map { RuntimeValue.datum(try $0.plain()) }
      })
    else { return nil }
    let areComplete = node.usesOutput.indices.allSatisfy { slot in
      !node.usesOutput[slot] || (slot < outputs.count && outputs[slot] != nil)
    }
    return areComplete ? outputs : nil
  }
}

extension ValueType {
  /// The type with an open first dimension: a part of a graph may run on several samples as one.
  fileprivate var withAnyRows: ValueType {
    guard case .tensor(let elementType, var shape?) = kind, shape.rank > 0 else { return self }
    shape.dimensions[0] = .unknown
    return ValueType(.tensor(elementType, shape), denotation: denotation)
  }
}
