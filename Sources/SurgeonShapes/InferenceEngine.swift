internal import SurgeonIR

/// The state of one inference: the model, the table in the making, and where in the call of a
/// function it stands.
///
/// A class, because an operator with a body runs the engine again while it is being inferred.
final class InferenceEngine {
  let model: Model
  var table: TypeTable
  /// In a function's body: the attributes of the call.
  var bindings: [String: Attribute] = [:]
  /// Loop and Scan bodies around the node under inference; see ControlFlow.
  var loopDepth = 0
  /// Model-local functions, by what their calls name.
  let functions: [FunctionKey: Int]
  var calls = FunctionCalls()

  init(model: consuming Model, table: consuming TypeTable) {
    var functions: [FunctionKey: Int] = [:]
    for (index, function) in model.functions.enumerated() {
      functions[FunctionKey(function)] = index
    }
    self.functions = functions
    self.model = model
    self.table = table
  }

  /// Moves the table out, so that its owner does not copy it.
  func takeTable() -> TypeTable {
    var result = TypeTable(valueCount: 0)
    swap(&result, &table)
    return result
  }

  // MARK: Graphs

  func inferMainGraph() { infer(model.mainGraph) }

  /// Types of inputs and initializers as recorded, then every node.
  func infer(_ graph: Graph.ID) {
    for input in model[graph].inputs where table[input] == nil {
      setType(recordedType(of: input), of: input)
    }
    for initializer in model[graph].initializers { inferInitializer(initializer) }
    for node in model.nodes(of: graph) { infer(node) }
  }

  func inferInitializer(_ value: Value.ID) {
    let record = model[value]
    let own: ValueType
    if let tensor = record.initializer {
      own = .tensor(tensor.elementType, Shape(tensor.shape))
    } else if let sparse = record.sparseInitializer {
      own = .tensor(sparse.values.elementType, Shape(sparse.shape))
    } else {
      return
    }
    if isOverridable(record), let type = table[value], type.rank != nil { return }
    if !record.isGraphInput || !isOverridable(record) {
      // The listing of a constant among the inputs has no say.
      setType(merge(computed: own, into: value), of: value)
    } else {
      setType(own, of: value)
    }
  }

  /// A default that the caller may replace is no constant.
  private func isOverridable(_ value: Value) -> Bool {
    value.isGraphInput && model.header.irVersion >= 4
  }

  // MARK: Nodes

  /// Infers one node; returns true where the type of an output is another than before.
  @discardableResult
  func infer(_ id: Node.ID) -> Bool {
    let node = model[id]
    let key = FunctionKey(node)
    let domain = key.domain
    var context = NodeInference(
      id: id, node: node, opset: model.opset(domain, in: node.graph) ?? 1, engine: self)
    var hasFailed = false
    do throws(SurgeonError) {
      if !functions.isEmpty, let function = functions[key] {
        try call(function, from: &context)
      } else if let function = OperatorRegistry.function(domain: domain, opType: node.opType) {
        try function(&context)
      }
    } catch {
      table.failures[id] = error
      hasFailed = true
    }
    // The calls of a function share its nodes: what failed in one call has failed.
    if !hasFailed, calls.active.isEmpty, !table.failures.isEmpty { table.failures[id] = nil }
    var hasChanged = false
    for (slot, output) in node.outputs.enumerated() {
      guard let output else { continue }
      let before = table[output]
      let after =
        context.outputs[slot].map { merge(computed: $0, into: output) }
        ?? recordedType(of: output)
      if before != after {
        hasChanged = true
        setType(after, of: output)
      }
      let contents = slot < context.outputContents.count ? context.outputContents[slot] : nil
      if contents != nil || !table.contents.isEmpty { table.contents[output] = contents }
    }
    return hasChanged
  }

  // MARK: Types

  func setType(_ type: ValueType?, of value: Value.ID) {
    let index = Int(value.raw)
    while table.types.count <= index { table.types.append(nil) }
    table.types[index] = type
  }

  func recordedType(of value: Value.ID) -> ValueType? {
    guard let type = model[value].type, type.kind != .unspecified else { return nil }
    return type.replacingNames(by: table.dimensions)
  }

  /// The computed type, completed by the recorded one.
  private func merge(computed: ValueType, into value: Value.ID) -> ValueType {
    guard let recorded = recordedType(of: value) else { return computed }
    let (type, isConflict) = ValueType.merged(computed: computed, recorded: recorded)
    if isConflict {
      table.contradictions[value] = contradiction(of: value, recorded: recorded, computed: computed)
    }
    return type
  }

  private func contradiction(
    of value: Value.ID, recorded: ValueType, computed: ValueType
  ) -> SurgeonError {
    let producer = model[value].producer.map { model[$0.node] }
    return SurgeonError(
      .invalidGraph, "the recorded type of '\(model[value].name)' is wrong",
      at: producer.map { location(of: $0) } ?? [],
      detail: "the file says \(recorded.text), the value is \(computed.text)",
      hint: "the record is ignored; export the model again, or remove its value_info")
  }

  // MARK: Contents

  func mayHaveContents(_ value: Value.ID) -> Bool {
    if table.contents[value] != nil { return true }
    let record = model[value]
    guard let tensor = record.initializer, !isOverridable(record) else { return false }
    return tensor.count <= Contents.maxCount
  }

  func contents(of value: Value.ID) throws(SurgeonError) -> Contents? {
    if let contents = table.contents[value] { return contents }
    let record = model[value]
    guard let tensor = record.initializer, !isOverridable(record) else { return nil }
    do throws(SurgeonError) {
      return try Contents(tensor)
    } catch {
      throw error.within("initializer '\(record.name)'")
    }
  }

  // MARK: Messages

  /// Graph and node, as the error's location has them.
  func location(of node: Node) -> [String] {
    let version = model.opset(node.domain, in: node.graph).map { "-\($0)" } ?? ""
    let output = node.outputs.lazy.compactMap { $0 }.first.map { self.model[$0].name }
    let name =
      !node.name.isEmpty ? "node '\(node.name)'" : "the node of '\(output ?? "no output")'"
    let graph = model[node.graph].header.name
    return (graph.isEmpty ? [] : ["graph '\(graph)'"]) + ["\(name) (\(node.opType)\(version))"]
  }
}
