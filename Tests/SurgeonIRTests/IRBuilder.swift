internal import SurgeonIR

/// Models for tests of the IR, by names.
struct IRBuilder {
  var model: Model
  var graph: Graph.ID

  init(irVersion: Int = 8) {
    model = Model(
      header: Model.Header(
        irVersion: irVersion, opsetImports: [OpsetImport(domain: "", version: 17)]))
    graph = model.mainGraph
  }

  mutating func value(_ name: String) -> Value.ID {
    model.value(named: name, in: graph) ?? model.addValue(named: name, in: graph)
  }

  mutating func input(_ name: String) { model.addInput(value(name)) }

  mutating func output(_ name: String) { model.addOutput(value(name), to: graph) }

  mutating func constant(_ name: String, _ numbers: [Float]) {
    model.setInitializer(Tensor(numbers), of: value(name))
  }

  @discardableResult
  mutating func node(
    _ opType: String, _ inputs: [String], _ outputs: [String], _ attributes: [Attribute] = [],
    name: String = ""
  ) -> Node.ID {
    let inputs = inputs.map { $0.isEmpty ? nil : value($0) }
    let outputs = outputs.map { $0.isEmpty ? nil : value($0) }
    return model.addNode(
      opType, name: name, inputs: inputs, outputs: outputs, attributes: attributes, in: graph)
  }

  /// An If node whose branches read `read` and return `result`.
  @discardableResult
  mutating func branch(reading read: String, output: String) -> Node.ID {
    let node = self.node("If", ["condition"], [output])
    for name in ["then_branch", "else_branch"] {
      let body = model.addGraph(owner: .node(node))
      let outer = graph
      graph = body
      let result = model.addValue(named: "\(output)_\(name)", in: body)
      let input = value(read)
      model.addNode("Relu", inputs: [input], outputs: [result], in: body)
      model.addOutput(result, to: body)
      graph = outer
      model.setAttribute(Attribute(name, .graph(body)), of: node)
    }
    return node
  }

  mutating func patch(before node: Node.ID?, prefix: String = "new") -> Patch {
    Patch(to: model, in: graph, before: node, namePrefix: prefix)
  }

  /// The main graph's nodes, as "a, b -> Op -> c".
  var text: [String] {
    model.nodes(of: graph).map { id in
      let node = model[id]
      func names(_ values: [Value.ID?]) -> String {
        values.map { $0.map { model[$0].name } ?? "" }.joined(separator: ", ")
      }
      return "\(names(node.inputs)) -> \(node.opType) -> \(names(node.outputs))"
    }
  }

  var outputNames: [String] { model[graph].outputs.map { model[$0].name } }
}
