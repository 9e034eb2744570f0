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
        for use in model[output].uses where !use.isBy(match.nodes) {
          readers.append(use)
          outputs.append(output)
        }
      }
      for case let input? in model[node].inputs {
        let isInside = model[input].producer.map { match.nodes.contains($0.node) } ?? false
        guard !isInside, !inputs.contains(where: { $0.value == input }),
          try model.constant(input, trustsDefaults: policy.trustsDefaults) == nil
        else { continue }
        inputs.append((input, types.type(of: input, in: model)))
      }
    }
    before = try piece(outputs, in: model)
  }

  /// The replacement; nil where it cannot be cut out.
  func after(in model: borrowing Model) throws(SurgeonError) -> Model? {
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
  /// thousand nodes without bodies and calls.
  private func piece(
    _ outputs: [Value.ID], in model: borrowing Model
  ) throws(SurgeonError) -> Model? {
    let root = model[match.root].graph
    var header = Model.Header(
      irVersion: max(8, model.header.irVersion), opsetImports: model.header.opsetImports)
    if model.isInFunction(root), let version = model.opset(in: root) {
      header.opsetImports = [OpsetImport(domain: "", version: version)]
    }
    var piece = Model(header: header)
    let graph = piece.mainGraph
    var copies: [Value.ID: Value.ID] = [:]
    for (index, input) in inputs.enumerated() {
      let copy = piece.addValue(named: "input_\(index)", type: input.type, in: graph)
      piece.addInput(copy)
      copies[input.value] = copy
    }
    guard let nodes = try gather(outputs, &piece, &copies, in: model) else { return nil }
    for node in nodes.reversed() {
      let record = model[node]
      for case let output? in record.outputs where copies[output] == nil {
        copies[output] = piece.addValue(named: "value_\(output.raw)", in: graph)
      }
      piece.addNode(
        record.opType, domain: record.domain,
        inputs: record.inputs.map { $0.flatMap { copies[$0] } },
        outputs: record.outputs.map { $0.flatMap { copies[$0] } }, attributes: record.attributes,
        in: graph)
    }
    // The same value may be read at several places, and an output must have a node of its own.
    for (index, output) in outputs.enumerated() {
      guard let copy = copies[output] else { return nil }
      let result = piece.addValue(named: "output_\(index)", in: graph)
      piece.addNode("Identity", inputs: [copy], outputs: [result], in: graph)
      piece.addOutput(result, to: graph)
    }
    return piece
  }

  /// The nodes that compute `outputs` from the boundary, a reader before what it reads; adds the
  /// constants that they read to the piece.
  private func gather(
    _ outputs: [Value.ID], _ piece: inout Model, _ copies: inout [Value.ID: Value.ID],
    in model: borrowing Model
  ) throws(SurgeonError) -> [Node.ID]? {
    var found: Set<Node.ID> = []
    var pending = outputs
    while let value = pending.popLast() {
      guard copies[value] == nil else { continue }
      if let tensor = try model.constant(value, trustsDefaults: true) {
        let copy = piece.addValue(named: "constant_\(value.raw)", in: piece.mainGraph)
        piece.setInitializer(tensor, of: copy)
        copies[value] = copy
        continue
      }
      guard let node = model[value].producer?.node, found.count < 1000,
        model[node].bodies.isEmpty, model.function(calledBy: node) == nil
      else { return nil }
      if found.insert(node).inserted { pending += model[node].inputs.compactMap { $0 } }
    }
    // Nodes of one graph have an order; a piece that spans several has none that is cheap.
    guard let first = found.first else { return [] }
    for node in found where model[node].graph != model[first].graph { return nil }
    let model = copy model
    return found.sorted { model.isBefore($1, $0) }
  }
}

extension Use {
  fileprivate func isBy(_ nodes: [Node.ID]) -> Bool { node.map { nodes.contains($0) } ?? false }
}
