internal import SurgeonIR

/// Cuts the surroundings of one application out of the model, before and after it.
///
/// The boundary is made of the values that the matched nodes read and do not compute (the inputs),
/// and of the places outside that read what they compute (the outputs): the same places read the
/// replacement afterwards.
struct PieceCutter {
  private let types: TypeSource
  private let match: Match
  private let policy: RewritePolicy
  /// Values at the boundary, each with the name and type that it has in the pieces.
  private var inputs: [(value: Value.ID, type: ValueType?)] = []
  private var readers: [Use] = []
  private let outputsBefore: [Value.ID]
  /// About how many scalar operations one run of the matched nodes takes.
  let cost: Int
  private(set) var before: Model?

  init(
    _ match: Match, in model: borrowing Model, policy: RewritePolicy, types: TypeSource
  ) throws(SurgeonError) {
    self.match = match
    self.policy = policy
    self.types = types
    var outputs: [Value.ID] = []
    for node in match.nodes {
      for case let output? in model[node].outputs {
        // Who reads a value is replaced alike; a few readers stand for all.
        for use in model[output].uses.lazy.filter({ !$0.isBy(match.nodes) }).prefix(16) {
          readers.append(use)
          outputs.append(output)
        }
      }
      for input in model.valuesRead(by: node) {
        let isInside = model[input].producer.map { match.nodes.contains($0.node) } ?? false
        guard !isInside, !inputs.contains(where: { $0.value == input }),
          try model.constant(input, trustsDefaults: policy.trustsDefaults) == nil
        else { continue }
        inputs.append((input, types.type(of: input, in: model)))
      }
    }
    cost = PieceCost.operations(in: match.nodes, types: types, model)
    before = nil
    outputsBefore = outputs
  }

  /// The matched nodes; nil where they cannot be cut out.
  mutating func cut(in model: borrowing Model) throws(SurgeonError) {
    before = try piece(outputsBefore, in: model)
  }

  /// The replacement; nil where it cannot be cut out.
  ///
  /// - Parameter effect: what the application did.
  mutating func after(
    _ effect: PatchEffect, in model: borrowing Model
  ) throws(SurgeonError) -> Model? {
    for index in inputs.indices {
      while let moved = effect.movedDefinitions[inputs[index].value] { inputs[index].value = moved }
    }
    var outputs: [Value.ID] = []
    for reader in readers {
      switch reader {
      case .node(let node, let slot):
        guard model.isAlive(node), let value = model[node].input(slot) else { return nil }
        outputs.append(value)
      case .graphOutput(let graph, let index): outputs.append(model[graph].outputs[index])
      }
    }
    return try piece(outputs, in: model)
  }

  /// Everything between the boundary and `outputs`; nil where it is no closed piece of at most a
  /// thousand nodes.
  private func piece(
    _ outputs: [Value.ID], in model: borrowing Model
  ) throws(SurgeonError) -> Model? {
    let root = model[match.root].graph
    var header = Model.Header(
      irVersion: max(10, model.header.irVersion), opsetImports: model.header.opsetImports)
    if case .function(let index) = model[model.outermost(of: root)].owner {
      header.opsetImports = model.functions[index].opsetImports
    }
    var known = Set(inputs.map(\.value))
    var constants: [(value: Value.ID, tensor: Tensor)] = []
    guard let nodes = try gather(outputs, &known, &constants, in: model) else { return nil }
    let calls = nodes.contains { !model[$0].bodies.isEmpty || model.function(calledBy: $0) != nil }
    var builder = PieceBuilder(
      header: header, calls: calls && !model.functions.isEmpty, in: model)
    for (index, input) in inputs.enumerated() {
      builder.addInput(input.value, named: "input_\(index)", type: input.type)
    }
    for constant in constants { builder.addConstant(constant.tensor, for: constant.value) }
    for node in nodes {
      guard builder.add(node, in: model) else { return nil }
    }
    for (index, output) in outputs.enumerated() {
      guard builder.addOutput(output, named: "output_\(index)") else { return nil }
    }
    return builder.piece
  }

  /// The nodes that compute `outputs` from the boundary, in execution order, and the constants that
  /// they read.
  private func gather(
    _ outputs: [Value.ID], _ known: inout Set<Value.ID>,
    _ constants: inout [(value: Value.ID, tensor: Tensor)], in model: borrowing Model
  ) throws(SurgeonError) -> [Node.ID]? {
    var found: Set<Node.ID> = []
    var pending = outputs
    while let value = pending.popLast() {
      guard !known.contains(value) else { continue }
      if let tensor = try model.constant(value, trustsDefaults: true) {
        constants.append((value, tensor))
        known.insert(value)
        continue
      }
      guard let node = model[value].producer?.node, found.count < 1000 else { return nil }
      if found.insert(node).inserted { pending += model.valuesRead(by: node) }
    }
    // Nodes of one graph have an order; a piece that spans several has none that is cheap.
    guard let first = found.first else { return [] }
    for node in found where model[node].graph != model[first].graph { return nil }
    let model = copy model
    return found.sorted { model.isBefore($0, $1) }
  }
}

extension Use {
  fileprivate func isBy(_ nodes: [Node.ID]) -> Bool { node.map { nodes.contains($0) } ?? false }
}

extension Model {
  fileprivate func outermost(of graph: Graph.ID) -> Graph.ID {
    var current = graph
    while let next = parent(of: current) { current = next }
    return current
  }
}
