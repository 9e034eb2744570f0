internal import SurgeonIR

/// Small models for the tests of rules, built node by node.
struct ModelBuilder {
  var model: Model

  init(opset: Int, irVersion: Int = 8) {
    model = Model(
      header: .init(
        irVersion: irVersion, opsetImports: [OpsetImport(domain: "", version: opset)]))
  }

  var graph: Graph.ID { model.mainGraph }

  mutating func input(
    _ name: String, _ shape: [Int]?, type: ElementType = .float32
  ) -> Value.ID {
    let value = model.addValue(
      named: name, type: .tensor(type, shape.map { Shape($0) }), in: graph)
    model.addInput(value)
    return value
  }

  mutating func constant(
    _ name: String, _ numbers: [Double], shape: [Int]? = nil, type: ElementType = .float32
  ) -> Value.ID {
    let value = model.addValue(named: name, in: graph)
    model.setInitializer(
      Tensor(rounding: numbers, to: type, shape: shape ?? [numbers.count]), of: value)
    if model.header.irVersion < 4 { model.addInput(value) }
    return value
  }

  mutating func op(
    _ opType: String, _ inputs: [Value.ID?], _ output: String, _ attributes: [Attribute] = [],
    extraOutputs: [String] = [], type: ValueType? = nil
  ) -> Value.ID {
    let names = [output] + extraOutputs
    let outputs = names.map { model.addValue(named: $0, type: nil, in: graph) }
    if let type { model.setType(type, of: outputs[0]) }
    model.addNode(
      opType, name: "\(output)_node", inputs: inputs, outputs: outputs, attributes: attributes,
      in: graph)
    return outputs[0]
  }

  mutating func output(_ value: Value.ID) { model.addOutput(value, to: graph) }

  /// A BatchNormalization with constant parameters named after its output.
  mutating func batchNorm(
    _ x: Value.ID, _ output: String, gamma: [Double], beta: [Double], mean: [Double],
    variance: [Double], shape: [Int]? = nil, type: ElementType = .float32,
    attributes: [Attribute] = [], extraOutputs: [String] = [], outputType: ValueType? = nil
  ) -> Value.ID {
    let parameters = [("gamma", gamma), ("beta", beta), ("mean", mean), ("var", variance)].map {
      constant("\(output)_\($0)", $1, shape: shape, type: type)
    }
    return op(
      "BatchNormalization", [x] + parameters, output, attributes, extraOutputs: extraOutputs,
      type: outputType)
  }
}

extension Model {
  /// The first node of the main graph with this operator.
  func first(_ opType: String) -> Node.ID? {
    allNodes.first { self[$0].opType == opType }
  }

  /// The operators of the main graph in execution order.
  var operators: [String] { nodes(of: mainGraph).map { self[$0].opType } }

  /// The constant called `name`, as numbers.
  func numbers(_ name: String) throws -> [Double]? {
    guard let value = value(named: name, in: mainGraph) else { return nil }
    return try constant(value)?.float64Elements()
  }
}
