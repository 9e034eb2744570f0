internal import SurgeonIR

/// Hashes of every node of a model that see no names: what a node computes, from what, for whom.
struct StructuralHash {
  /// Operator, attributes and constants of a node, by the node's raw number. Inputs of the graph
  /// count like computed values: an edit may come between.
  private(set) var local: [UInt64]
  /// The local hash with the hashes of everything upstream.
  private(set) var upstream: [UInt64]
  /// The local hash with those of everything downstream in the same graph.
  private(set) var downstream: [UInt64]
  private var values: [UInt64]

  init(_ model: Model) throws(SurgeonError) {
    local = Array(repeating: 0, count: model.nodeTableCount)
    upstream = local
    downstream = local
    values = Array(repeating: 0, count: model.valueTableCount)
    for graph in model.graphs {
      // Bodies come when their node does, with the values they read already hashed.
      if case .node = model[graph].owner { continue }
      try hash(graph, of: model)
    }
  }

  /// What a value is computed from, or what a constant holds.
  func hash(of value: Value.ID) -> UInt64 { values[Int(value.raw)] }

  private static func isConstant(_ value: Value.ID, of model: Model) -> Bool {
    model[value].producer == nil
      && model[value].hasInitializer
  }

  private mutating func hash(_ graph: Graph.ID, of model: Model) throws(SurgeonError) {
    for (index, input) in model[graph].inputs.enumerated()
    where model[input].initializer == nil || model.header.irVersion >= 4 {
      var hash = StableHash()
      hash.combine("input")
      hash.combine(index)
      values[Int(input.raw)] = hash.value
    }
    for constant in model[graph].initializers where values[Int(constant.raw)] == 0 {
      if let tensor = model[constant].initializer {
        values[Int(constant.raw)] = try ContentKey.of(tensor)
      } else if let tensor = model[constant].sparseInitializer {
        values[Int(constant.raw)] = try ContentKey.of(tensor)
      }
    }
    let nodes = Array(model.nodes(of: graph))
    for node in nodes { try hashUpstream(node, of: model) }
    for node in nodes.reversed() { hashDownstream(node, of: model) }
  }

  private mutating func hashUpstream(_ id: Node.ID, of model: Model) throws(SurgeonError) {
    let node = model[id]
    var own = StableHash()
    own.combine(node.opType)
    own.combine(Model.canonical(node.domain))
    own.combine(node.overload)
    own.combine(node.inputs.count)
    own.combine(node.outputs.count)
    var attributes: [UInt64] = []
    for attribute in node.attributes {
      attributes.append(try hash(attribute, of: model))
    }
    own.combine(StableHash.unordered(attributes))
    var full = own
    for input in node.inputs {
      let value = input.map { values[Int($0.raw)] } ?? 1
      full.combine(value)
      if let input, Self.isConstant(input, of: model) { own.combine(value) }
    }
    local[Int(id.raw)] = own.value
    upstream[Int(id.raw)] = full.value
    for (slot, output) in node.outputs.enumerated() {
      guard let output else { continue }
      var hash = full
      hash.combine(slot)
      values[Int(output.raw)] = hash.value
    }
  }

  private mutating func hashDownstream(_ id: Node.ID, of model: Model) {
    var hash = StableHash()
    hash.combine(local[Int(id.raw)])
    hash.combine(readersOf: id, in: model, downstream)
    downstream[Int(id.raw)] = hash.value
  }

  private mutating func hash(_ attribute: Attribute, of model: Model) throws(SurgeonError) -> UInt64
  {
    var hash = StableHash()
    hash.combine(attribute.name)
    switch attribute.payload {
    case .float(let number): hash.combine(UInt64(number.bitPattern))
    case .int(let number): hash.combine(UInt64(bitPattern: number))
    case .string(let bytes): bytes.withUnsafeBytes { hash.combine($0) }
    case .tensor(let tensor): hash.combine(try ContentKey.of(tensor))
    case .sparseTensor(let tensor): hash.combine(try ContentKey.of(tensor))
    case .type(let type): hash.combine("\(type)")
    case .floats(let numbers): for number in numbers { hash.combine(UInt64(number.bitPattern)) }
    case .ints(let numbers): for number in numbers { hash.combine(UInt64(bitPattern: number)) }
    case .strings(let texts): for text in texts { text.withUnsafeBytes { hash.combine($0) } }
    case .tensors(let tensors): for tensor in tensors { hash.combine(try ContentKey.of(tensor)) }
    case .sparseTensors(let tensors):
      for tensor in tensors { hash.combine(try ContentKey.of(tensor)) }
    case .types(let types): for type in types { hash.combine("\(type)") }
    case .reference(let name, let code):
      hash.combine(name)
      hash.combine(Int(code))
    case .unknown(let code): hash.combine(Int(code))
    case .graph, .graphs:
      for body in attribute.graphs {
        try self.hash(body, of: model)
        for output in model[body].outputs { hash.combine(values[Int(output.raw)]) }
        hash.combine(StableHash.unordered(model.nodes(of: body).map { upstream[Int($0.raw)] }))
      }
    }
    return hash.value
  }
}
