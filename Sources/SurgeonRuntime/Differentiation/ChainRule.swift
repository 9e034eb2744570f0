internal import SurgeonIR

/// The backward pass while it is written: adds nodes to a graph, and the terms of each value's
/// gradient to one another.
struct ChainRule {
  private(set) var model: Model
  let graph: Graph.ID
  /// The `Gradient` node, which all new nodes stand before.
  private let successor: Node.ID
  /// What stands for a value of the forward pass: itself where nothing does.
  private var standIns: [Value.ID: Value.ID]
  private var adjoints: [Value.ID: Value.ID] = [:]
  /// The node whose derivative is written.
  private(set) var node: Node

  init(model: Model, graph: Graph.ID, successor: Node.ID, standIns: [Value.ID: Value.ID]) {
    self.model = model
    self.graph = graph
    self.successor = successor
    self.standIns = standIns
    node = model[successor]
  }

  /// The node after the `Gradient` node.
  var continuation: Node.ID? {
    var found = false
    for id in model.nodes(of: graph) {
      if found { return id }
      found = id == successor
    }
    return nil
  }

  /// Computes the nodes of the forward pass once more, from the values that stand for the
  /// independent ones.
  ///
  /// - Throws: `unsupportedOperator` for a node with bodies.
  mutating func recompute(_ nodes: [Node.ID]) throws(SurgeonError) {
    for id in nodes {
      let original = model[id]
      guard original.bodies.isEmpty else {
        throw SurgeonError(
          .unsupportedOperator, "the runtime knows no derivative of \(original.opType)")
      }
      let outputs = original.outputs.map { output in
        output.map { output in
          let copy = model.addValue(
            named: model.freshName(model[output].name), type: nil, in: graph)
          if standIns[output] == nil { standIns[output] = copy }
          return copy
        }
      }
      model.addNode(
        original.opType, domain: original.domain, overload: original.overload,
        inputs: original.inputs.map { $0.map { standIns[$0] ?? $0 } }, outputs: outputs,
        attributes: original.attributes, in: graph, before: successor)
    }
  }

  /// The derivative of the sum of `y`'s elements by each variable that `y` depends on.
  mutating func gradients(
    of y: Value.ID, over path: DependentPath, variables: Set<Value.ID>
  ) throws(SurgeonError) -> [Value.ID: Value.ID] {
    adjoints = [y: fill(1, like: standIns[y] ?? y)]
    for id in path.nodes.reversed() {
      node = model[id]
      let outputs = node.outputs
      guard outputs.contains(where: { $0.map { adjoints[$0] != nil } ?? false }) else { continue }
      let domain = Model.canonical(node.domain)
      guard let derivative = Derivatives.table[domain]?[node.opType] else {
        throw SurgeonError(
          .unsupportedOperator, "the runtime knows no derivative of \(node.opType)",
          detail: "node '\(node.name)' is on the way from a variable to y")
      }
      let terms = try derivative(&self)
      for (input, term) in zip(node.inputs, terms) {
        guard let input, let term, path.values.contains(input) else { continue }
        adjoints[input] = adjoints[input].map { add("Add", $0, term) } ?? term
      }
    }
    return adjoints.filter { variables.contains($0.key) }
  }

  /// Input `slot` of the node.
  func input(_ slot: Int) throws(SurgeonError) -> Value.ID {
    guard slot < node.inputs.count, let value = node.inputs[slot] else {
      throw SurgeonError(.invalidNode, "input \(slot) of \(node.opType) is missing")
    }
    return standIns[value] ?? value
  }

  func hasInput(_ slot: Int) -> Bool { slot < node.inputs.count && node.inputs[slot] != nil }

  /// The node's first output.
  func output() throws(SurgeonError) -> Value.ID {
    guard case let value?? = node.outputs.first else {
      throw SurgeonError(.invalidNode, "\(node.opType) has no output")
    }
    return standIns[value] ?? value
  }

  /// The gradient by the node's first output.
  func gradient() throws(SurgeonError) -> Value.ID {
    guard case let value?? = node.outputs.first, let adjoint = adjoints[value] else {
      throw SurgeonError(
        .unsupportedOperator,
        "the runtime differentiates \(node.opType) only through its first output")
    }
    return adjoint
  }

  /// The version of the standard's operators in the graph.
  var opset: Int { model.opset(in: graph) ?? 1 }

  /// The result of a new node.
  mutating func add(
    _ opType: String, _ inputs: Value.ID..., attributes: [Attribute] = []
  ) -> Value.ID {
    add(opType, domain: "", inputs, attributes)
  }

  /// The result of an operator that only derivatives need.
  mutating func own(
    _ opType: String, _ inputs: Value.ID..., attributes: [Attribute] = []
  ) -> Value.ID {
    own(opType, inputs: inputs, attributes: attributes)
  }

  mutating func own(
    _ opType: String, inputs: [Value.ID], attributes: [Attribute]
  ) -> Value.ID {
    add(opType, domain: GradientOperators.domain, inputs, attributes)
  }

  private mutating func add(
    _ opType: String, domain: String, _ inputs: [Value.ID], _ attributes: [Attribute]
  ) -> Value.ID {
    let result = model.addValue(named: model.freshName("gradient"), type: nil, in: graph)
    model.addNode(
      opType, domain: domain, inputs: inputs, outputs: [result], attributes: attributes,
      in: graph, before: successor)
    return result
  }

  /// A tensor of `value`'s type and shape, every element of which is `number`.
  mutating func fill(_ number: Float, like value: Value.ID) -> Value.ID {
    own(GradientOperators.fillLike, value, attributes: [.float("value", number)])
  }

  /// Sums a gradient over the axes along which `value` was broadcast.
  mutating func unbroadcast(_ gradient: Value.ID, to value: Value.ID) -> Value.ID {
    own(GradientOperators.sumLike, gradient, value)
  }
}
