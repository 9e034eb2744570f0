internal import SurgeonIR

/// Copies nodes into a small model of their own, with the bodies that they hold and the functions
/// that they call.
struct PieceBuilder {
  private(set) var piece: Model
  /// What stands for a value of the original.
  private var copies: [Value.ID: Value.ID] = [:]

  /// - Parameter calls: whether some node may call a function; then all functions are copied.
  init(header: Model.Header, calls: Bool, in model: borrowing Model) {
    piece = Model(header: header)
    guard calls else { return }
    for function in model.functions {
      let body = piece.addGraph(owner: .function(piece.functions.count))
      guard fill(body, from: function.body, in: model) else { continue }
      piece.addFunction(
        Function(
          name: function.name, domain: function.domain, overload: function.overload, body: body,
          attributeNames: function.attributeNames,
          attributeDefaults: function.attributeDefaults, opsetImports: function.opsetImports))
    }
  }

  func knows(_ value: Value.ID) -> Bool { copies[value] != nil }

  mutating func addInput(_ value: Value.ID, named name: String, type: ValueType?) {
    let copy = piece.addValue(named: name, type: type, in: piece.mainGraph)
    piece.addInput(copy)
    copies[value] = copy
  }

  mutating func addConstant(_ tensor: Tensor, for value: Value.ID) {
    let copy = piece.addValue(named: "constant_\(value.raw)", in: piece.mainGraph)
    piece.setInitializer(tensor, of: copy)
    copies[value] = copy
  }

  /// Makes `value` an output. The same value may be read at several places, and an output must have
  /// a node of its own.
  ///
  /// - Returns: false where nothing stands for the value.
  mutating func addOutput(_ value: Value.ID, named name: String) -> Bool {
    guard let copy = copies[value] else { return false }
    let result = piece.addValue(named: name, in: piece.mainGraph)
    piece.addNode("Identity", inputs: [copy], outputs: [result], in: piece.mainGraph)
    piece.addOutput(result, to: piece.mainGraph)
    return true
  }

  /// Adds a copy of a node whose inputs are known.
  ///
  /// - Returns: false where something that the node or a body of it reads is not.
  mutating func add(
    _ node: Node.ID, to graph: Graph.ID? = nil, in model: borrowing Model
  ) -> Bool {
    let graph = graph ?? piece.mainGraph
    let record = model[node]
    for case let input? in record.inputs where copies[input] == nil { return false }
    var attributes: [Attribute] = []
    for attribute in record.attributes {
      switch attribute.payload {
      case .graph(let body):
        guard let body = copy(body, in: model) else { return false }
        attributes.append(Attribute(attribute.name, .graph(body)))
      case .graphs(let bodies):
        var copied: [Graph.ID] = []
        for body in bodies {
          guard let body = copy(body, in: model) else { return false }
          copied.append(body)
        }
        attributes.append(Attribute(attribute.name, .graphs(copied)))
      default: attributes.append(attribute)
      }
    }
    for case let output? in record.outputs where copies[output] == nil {
      copies[output] = piece.addValue(
        named: "value_\(output.raw)", type: model[output].type, in: graph)
    }
    piece.addNode(
      record.opType, domain: record.domain, overload: record.overload,
      inputs: record.inputs.map { $0.flatMap { copies[$0] } },
      outputs: record.outputs.map { $0.flatMap { copies[$0] } }, attributes: attributes,
      in: graph)
    return true
  }

  private mutating func copy(_ body: Graph.ID, in model: borrowing Model) -> Graph.ID? {
    let graph = piece.addGraph(owner: .model)
    return fill(graph, from: body, in: model) ? graph : nil
  }

  private mutating func fill(
    _ graph: Graph.ID, from body: Graph.ID, in model: borrowing Model
  ) -> Bool {
    for value in model[body].inputs + model[body].initializers where copies[value] == nil {
      copies[value] = piece.addValue(
        named: "value_\(value.raw)", type: model[value].type, in: graph)
    }
    for value in model[body].inputs {
      if let copy = copies[value] { piece.addInput(copy) }
    }
    for value in model[body].initializers {
      guard let copy = copies[value] else { continue }
      if let tensor = model[value].initializer { piece.setInitializer(tensor, of: copy) }
      if let sparse = model[value].sparseInitializer {
        piece.setSparseInitializer(sparse, of: copy)
      }
    }
    for node in model.nodes(of: body) {
      guard add(node, to: graph, in: model) else { return false }
    }
    for output in model[body].outputs {
      guard let copy = copies[output] else { return false }
      piece.addOutput(copy, to: graph)
    }
    return true
  }
}
