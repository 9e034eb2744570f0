internal import SurgeonIR

/// Replaces every `Gradient` node by nodes that compute the derivative, so that the runtime only
/// ever sees operators.
///
/// Reverse-mode differentiation (Griewank & Walther, Evaluating Derivatives, chapter 3) of the part
/// of the graph that leads from the variables `xs` to `y`. The nodes that it adds read what the
/// forward pass computed; where the node's inputs are other values than those that `xs` and `zs`
/// name, that part is computed once more from them. A `Gradient` of a `Gradient` needs nothing
/// special, since the inner one has been replaced by then.
///
/// Specification: operator Gradient, ai.onnx.preview.training version 1.
struct GradientExpansion {
  static let domain = "ai.onnx.preview.training"

  private var model: Model

  /// The model without `Gradient` nodes.
  ///
  /// - Throws: `invalidNode` for a node whose attributes name no values of its graph;
  ///   `unsupportedOperator` where the way from a variable to `y` leads through an operator
  ///   that has no derivative here.
  static func expand(_ model: Model) throws(SurgeonError) -> Model {
    let imports = [model.header.opsetImports] + model.functions.map(\.opsetImports)
    guard imports.joined().contains(where: { $0.domain == domain }) else { return model }
    var expansion = GradientExpansion(model: model)
    for node in model.allNodes
    where model[node].opType == "Gradient" && model[node].domain == domain {
      do throws(SurgeonError) {
        try expansion.replace(node)
      } catch {
        throw error.within("node '\(model[node].name)' (Gradient)")
      }
    }
    return expansion.model
  }

  private mutating func replace(_ id: Node.ID) throws(SurgeonError) {
    let node = model[id]
    let variables = try values(named: "xs", of: id)
    let others = try values(named: "zs", of: id)
    guard let name = string("y", of: node), let y = model.value(named: name, in: node.graph) else {
      throw SurgeonError(.invalidNode, "attribute 'y' does not name a value of the graph")
    }
    guard !variables.isEmpty, node.inputs.count == variables.count + others.count,
      node.outputs.count <= variables.count
    else {
      throw SurgeonError(
        .invalidNode,
        "\(node.inputs.count) inputs and \(node.outputs.count) outputs do not fit "
          + "\(variables.count) variables in 'xs' and \(others.count) in 'zs'")
    }
    var points: [Value.ID: Value.ID] = [:]
    for (value, input) in zip(variables + others, node.inputs) { points[value] = input ?? value }
    let independent = Set(variables + others)
    let path = DependentPath(
      model, from: independent, to: y, in: node.graph, before: id)
    var rule = ChainRule(model: model, graph: node.graph, successor: id, standIns: points)
    if points.contains(where: { $0.key != $0.value }) { try rule.recompute(path.nodes) }
    let gradients = try rule.gradients(of: y, over: path, variables: Set(variables))

    model = rule.model
    model.removeNode(id)
    let after = rule.continuation
    for (variable, output) in zip(variables, node.outputs) {
      guard let output else { continue }
      if let gradient = gradients[variable] {
        model.addNode(
          "Identity", inputs: [gradient], outputs: [output], in: node.graph, before: after)
      } else {
        // Nothing leads from the variable to y.
        model.addNode(
          GradientOperators.fillLike, domain: GradientOperators.domain,
          inputs: [points[variable] ?? variable], outputs: [output],
          attributes: [.float("value", 0)], in: node.graph, before: after)
      }
    }
  }

  private func string(_ name: String, of node: Node) -> String? {
    guard case .string(let bytes)? = node.attribute(name)?.payload else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func values(named attribute: String, of id: Node.ID) throws(SurgeonError) -> [Value.ID] {
    guard case .strings(let names)? = model[id].attribute(attribute)?.payload else { return [] }
    var values: [Value.ID] = []
    for name in names {
      let name = String(decoding: name, as: UTF8.self)
      guard let value = model.value(named: name, in: model[id].graph) else {
        throw SurgeonError(
          .invalidNode, "attribute '\(attribute)' names '\(name)', which the graph does not hold")
      }
      values.append(value)
    }
    return values
  }
}

/// The nodes of a graph that compute a value from independent values: those whose result depends on
/// one of them and that the value depends on, in execution order.
struct DependentPath {
  private(set) var nodes: [Node.ID] = []
  /// Every value that depends on an independent one, those included.
  private(set) var values: Set<Value.ID>

  init(
    _ model: Model, from independent: Set<Value.ID>, to end: Value.ID, in graph: Graph.ID,
    before successor: Node.ID
  ) {
    values = independent
    var forward: [Node.ID] = []
    for id in model.nodes(of: graph) {
      if id == successor { break }
      guard model[id].inputs.contains(where: { $0.map(values.contains) ?? false }) else { continue }
      forward.append(id)
      // An independent value stays one, though the graph computes it.
      for case let output? in model[id].outputs { values.insert(output) }
    }
    var needed: Set<Value.ID> = [end]
    for id in forward.reversed() {
      let outputs = model[id].outputs.compactMap(\.self)
      guard outputs.contains(where: { needed.contains($0) && !independent.contains($0) }) else {
        continue
      }
      nodes.append(id)
      for case let input? in model[id].inputs { needed.insert(input) }
    }
    nodes.reverse()
  }
}
