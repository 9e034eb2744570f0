import SurgeonIR

/// A chain of blocks Conv, BatchNormalization, Relu on x, ending in Add(last, first) as y.
struct Network {
  var model: Model

  /// - Parameters:
  ///   - rename: gives every name of the model, except the interface, another form.
  ///   - weight: the first weight of block `perturbed`.
  init(blocks: Int, rename: (String) -> String = { $0 }) {
    model = Model(header: .init(irVersion: 8, opsetImports: [.init(domain: "", version: 17)]))
    let graph = model.mainGraph
    let type = ValueType.tensor(.float32, Shape([1, 4, 8, 8]))
    let x = model.addValue(named: "x", type: type, in: graph)
    model.addInput(x)
    var current = x
    var first = x
    for block in 0..<blocks {
      func constant(_ name: String, _ shape: [Int], _ base: Float) -> Value.ID {
        let value = model.addValue(named: rename("\(name)\(block)"), in: graph)
        let numbers = (0..<shape.reduce(1, *)).map { base + Float($0 + 31 * block) / 64 }
        model.setInitializer(Tensor(numbers, shape: shape), of: value)
        return value
      }
      let weights = constant("w", [4, 4, 1, 1], 0)
      let statistics = ["gamma", "beta", "mean", "var"].enumerated().map { index, name in
        constant(name, [4], Float(index + 1))
      }
      let c = add(
        "Conv", [current, weights], rename("c\(block)"), [.ints("kernel_shape", [1, 1])])
      let b = add("BatchNormalization", [c] + statistics, rename("b\(block)"))
      current = add("Relu", [b], rename("r\(block)"))
      if block == 0 { first = current }
    }
    let y = add("Add", [current, first], "y")
    model.setType(type, of: y)
    model.addOutput(y, to: graph)
  }

  mutating func add(
    _ opType: String, _ inputs: [Value.ID?], _ output: String, _ attributes: [Attribute] = []
  ) -> Value.ID {
    let value = model.addValue(named: output, in: model.mainGraph)
    model.addNode(
      opType, name: "\(output)_node", inputs: inputs, outputs: [value], attributes: attributes,
      in: model.mainGraph)
    return value
  }

  func value(_ name: String) throws -> Value.ID {
    try unwrap(model.value(named: name, in: model.mainGraph))
  }

  func node(_ output: String) throws -> Node.ID { try unwrap(model[value(output)].producer?.node) }

  private func unwrap<T>(_ optional: T?) throws -> T {
    guard let optional else { throw SurgeonError(.impossible, "the network has no such part") }
    return optional
  }

  /// Each BatchNormalization becomes Mul and Add.
  mutating func freeze(rename: (String) -> String = { $0 }) throws -> [Node.ID] {
    let nodes = model.allNodes.filter { model[$0].opType == "BatchNormalization" }
    for node in nodes {
      let record = model[node]
      var patch = Patch(to: model, in: record.graph, before: node, namePrefix: rename(record.name))
      let slope = patch.constant(
        Tensor([Float](repeating: 2, count: 4), shape: [4, 1, 1]), name: "a")
      let shift = patch.constant(
        Tensor([Float](repeating: 3, count: 4), shape: [4, 1, 1]), name: "b")
      let scaled = patch.op("Mul", [record.inputs[0], slope])
      let output = try unwrap(record.outputs[0])
      patch.replace(output, with: patch.op("Add", [scaled, shift]))
      patch.remove(node)
      let effect = try model.apply(patch)
      model.removeValues(effect.orphanedValues)
    }
    return nodes
  }
}
