internal import SurgeonIR

/// Makes a model of a parsed text: names become values.
struct TextModelBuilder {
  let scanner: TextScanner
  var model: Model
  private var scopes: [Graph.ID] = []

  init(_ header: Model.Header, _ scanner: TextScanner) {
    self.scanner = scanner
    model = Model(header: header)
  }

  mutating func build(_ text: GraphText, as graph: Graph.ID) throws(SurgeonError) {
    var header = Graph.Header()
    header.name = text.name
    model.setHeader(header, of: graph)
    for input in text.inputs {
      model.addInput(try define(input.name, input.type, in: graph))
    }
    for initializer in text.initializers {
      let name = initializer.name
      let input = model.localValue(named: name.text, in: graph)
      let value = if let input { input } else { try define(name, nil, in: graph) }
      guard model[value].initializer == nil else {
        throw scanner.error("'\(name.text)' has two values", at: name.place)
      }
      model.setInitializer(initializer.tensor, of: value)
    }
    try declareOutputs(of: text.nodes, in: graph)
    recordTypes(text, in: graph)
    scopes.append(graph)
    try addNodes(text.nodes, to: graph)
    for output in text.outputs {
      guard let value = resolve(output.name.text) else { throw undefined(output.name) }
      model.addOutput(value, to: graph)
    }
    scopes.removeLast()
  }

  mutating func build(_ text: FunctionText) throws(SurgeonError) {
    let outer = scopes
    scopes = []
    defer { scopes = outer }
    let body = model.addGraph(owner: .function(model.functions.count))
    try build(text.body, as: body)
    var defaults: [Attribute] = []
    for attribute in text.attributeDefaults { defaults.append(try self.attribute(attribute)) }
    model.addFunction(
      Function(
        name: text.name, domain: text.domain, overload: text.overload, body: body,
        attributeNames: text.attributeNames, attributeDefaults: defaults,
        opsetImports: text.opsetImports, docString: text.docString))
  }

  // MARK: Values

  private mutating func define(
    _ name: GraphText.Name, _ type: ValueType?, in graph: Graph.ID
  ) throws(SurgeonError) -> Value.ID {
    guard model.localValue(named: name.text, in: graph) == nil else {
      throw scanner.error("'\(name.text)' is defined twice", at: name.place)
    }
    let value = model.addValue(named: name.text, in: graph)
    if let type { record(type, of: value, isValueInfo: false) }
    return value
  }

  private mutating func record(_ type: ValueType, of value: Value.ID, isValueInfo: Bool) {
    model.setInfo(
      of: value, type: type, docString: "", metadata: [], isValueInfo: isValueInfo, origin: nil)
  }

  private mutating func declareOutputs(
    of nodes: [GraphText.NodeText], in graph: Graph.ID
  ) throws(SurgeonError) {
    for node in nodes {
      for output in node.outputs where !output.text.isEmpty {
        _ = try define(output, nil, in: graph)
      }
    }
  }

  private mutating func recordTypes(_ text: GraphText, in graph: Graph.ID) {
    for info in text.valueInfos {
      guard let type = info.type, let value = model.localValue(named: info.name.text, in: graph)
      else { continue }
      record(type, of: value, isValueInfo: true)
    }
    for output in text.outputs {
      guard let type = output.type,
        let value = model.localValue(named: output.name.text, in: graph), model[value].type == nil
      else { continue }
      record(type, of: value, isValueInfo: false)
    }
  }

  private func resolve(_ name: String) -> Value.ID? {
    for scope in scopes.reversed() {
      if let value = model.localValue(named: name, in: scope) { return value }
    }
    return nil
  }

  private func undefined(_ name: GraphText.Name) -> SurgeonError {
    scanner.error("nothing defines '\(name.text)'", at: name.place)
  }

  // MARK: Nodes

  private mutating func addNodes(
    _ nodes: [GraphText.NodeText], to graph: Graph.ID
  ) throws(SurgeonError) {
    var isSorted = true
    for node in nodes {
      var inputs: [Value.ID?] = []
      for input in node.inputs {
        guard !input.text.isEmpty else {
          inputs.append(nil)
          continue
        }
        guard let value = resolve(input.text) else { throw undefined(input) }
        if !model[value].isDefined { isSorted = false }
        inputs.append(value)
      }
      var attributes: [Attribute] = []
      for text in node.attributes { attributes.append(try attribute(text)) }
      model.addNode(
        node.opType, domain: node.domain, overload: node.overload, name: node.name,
        inputs: inputs,
        outputs: node.outputs.map { model.localValue(named: $0.text, in: graph) },
        attributes: attributes, in: graph)
    }
    if !isSorted { try model.sortNodes(of: graph) }
  }

  private mutating func attribute(
    _ text: GraphText.AttributeText
  ) throws(SurgeonError) -> Attribute {
    switch text.payload {
    case .plain(let payload): return Attribute(text.name, payload)
    case .graph(let graph): return Attribute(text.name, .graph(try body(graph)))
    case .graphs(let graphs):
      var bodies: [Graph.ID] = []
      for graph in graphs { bodies.append(try body(graph)) }
      return Attribute(text.name, .graphs(bodies))
    }
  }

  /// A body; the node that holds it becomes its owner when the node is added.
  private mutating func body(_ text: GraphText) throws(SurgeonError) -> Graph.ID {
    let graph = model.addGraph(owner: .model)
    try build(text, as: graph)
    return graph
  }
}
