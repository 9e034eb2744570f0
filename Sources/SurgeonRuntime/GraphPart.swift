public import SurgeonIR

/// Nodes of a model's main graph that are run on their own, with what goes in and what comes out.
///
/// Weights, constants and defaults are the model's; every other value that the nodes read and do not
/// compute is an input.
public struct GraphPart: Sendable {
  public var nodes: Set<Node.ID>
  public var inputs: [Value.ID]
  public var outputs: [Value.ID]
  /// BatchNormalization nodes of Float32 values whose statistics are not known yet: a run of the fast engine
  /// stops in front of them until it is given what they do to each channel (`AwaitingRun`).
  public var awaited: Set<Node.ID> = []

  public init(nodes: Set<Node.ID>, inputs: [Value.ID], outputs: [Value.ID]) {
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
  }

  /// What computes `outputs` once the values of `cut` are given: the nodes of the main graph
  /// between these.
  public init(from cut: Set<Value.ID>, to outputs: [Value.ID], of model: Model) {
    var nodes: Set<Node.ID> = []
    var inputs: Set<Value.ID> = []
    var pending = outputs
    while let value = pending.popLast() {
      let record = model[value]
      guard !cut.contains(value), let node = record.producer?.node else {
        let isConstant = record.initializer != nil || record.sparseInitializer != nil
        if !isConstant { inputs.insert(value) }
        continue
      }
      guard nodes.insert(node).inserted else { continue }
      pending += model.valuesRead(by: node)
    }
    self.init(nodes: nodes, inputs: inputs.sorted(), outputs: outputs)
  }

  /// What the nodes read, themselves or in their bodies.
  func valuesRead(in model: Model) -> [Value.ID] { nodes.flatMap { model.valuesRead(by: $0) } }
}
