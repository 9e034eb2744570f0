internal import SurgeonIR

/// Builds small models by name: `b.node("Add", ["x", "c"], "y")`.
struct GraphBuilder {
  var model: Model

  init(opset: Int = 17, irVersion: Int = 8) {
    model = Model(
      header: Model.Header(
        irVersion: irVersion, opsetImports: [OpsetImport(domain: "", version: opset)]))
  }

  mutating func value(_ name: String) -> Value.ID {
    model.value(named: name, in: model.mainGraph)
      ?? model.addValue(named: name, in: model.mainGraph)
  }

  mutating func input(_ name: String, _ sizes: [Int] = [1, 3, 4, 4]) {
    let value = value(name)
    model.setType(.tensor(.float32, Shape(sizes)), of: value)
    model.addInput(value)
  }

  mutating func constant(_ name: String, _ numbers: [Float], _ shape: [Int]? = nil) {
    model.setInitializer(
      Tensor(numbers, shape: shape ?? [numbers.count]), of: value(name))
  }

  mutating func scalar(_ name: String, _ number: Float) { constant(name, [number], []) }

  @discardableResult
  mutating func node(
    _ opType: String, _ inputs: [String], _ outputs: String..., domain: String = "",
    attributes: [Attribute] = [], name: String = ""
  ) -> Node.ID {
    let inputs = inputs.map { $0.isEmpty ? nil : value($0) }
    let outputs = outputs.map { $0.isEmpty ? nil : value($0) }
    return model.addNode(
      opType, domain: domain, name: name, inputs: inputs, outputs: outputs, attributes: attributes,
      in: model.mainGraph)
  }

  mutating func output(_ name: String) { model.addOutput(value(name), to: model.mainGraph) }
}

extension Model {
  /// One line per node of the main graph: `y = Add(x, c)`.
  var listing: [String] {
    nodes(of: mainGraph).map { node in
      let outputs = self[node].outputs.map { $0.map { self[$0].name } ?? "" }
      let inputs = self[node].inputs.map { $0.map { self[$0].name } ?? "" }
      return "\(outputs.joined(separator: ", ")) = \(self[node].opType)"
        + "(\(inputs.joined(separator: ", ")))"
    }
  }
}
