import SurgeonIR
import SurgeonShapes

/// Models for tests, a node a line. Types are written as in messages: "float[N, 3, ?]".
struct ModelBuilder {
  var model: Model
  var graph: Graph.ID

  init(opset: Int = 17, irVersion: Int = 8) {
    model = Model(
      header: Model.Header(
        irVersion: irVersion, opsetImports: [OpsetImport(domain: "", version: opset)]))
    graph = model.mainGraph
  }

  static func type(_ text: String) -> ValueType {
    let parts = text.split(separator: "[", maxSplits: 1)
    let elementType = ElementType(name: parts[0]) ?? .undefined
    guard parts.count == 2 else { return .tensor(elementType, nil) }
    let dimensions = parts[1].dropLast().split(separator: ",").map { part -> Dimension in
      let word = part.filter { $0 != " " }
      return word == "?" ? .unknown : Int(word).map { .known($0) } ?? .symbolic(String(word))
    }
    return .tensor(elementType, Shape(dimensions))
  }

  mutating func input(_ name: String, _ type: String) {
    model.addInput(model.addValue(named: name, type: Self.type(type), in: graph))
  }

  mutating func constant(_ name: String, _ tensor: Tensor) {
    model.setInitializer(tensor, of: model.addValue(named: name, in: graph))
  }

  /// A weight of which only the shape matters.
  mutating func weight(_ name: String, _ shape: [Int]) {
    constant(name, Tensor([Float](repeating: 0.5, count: shape.reduce(1, *)), shape: shape))
  }

  mutating func value(_ name: String) -> Value.ID? {
    if name.isEmpty { return nil }
    return model.value(named: name, in: graph) ?? model.addValue(named: name, in: graph)
  }

  @discardableResult
  mutating func node(
    _ opType: String, _ inputs: [String], _ outputs: [String], _ attributes: [Attribute] = [],
    domain: String = "", name: String = ""
  ) -> Node.ID {
    let inputs = inputs.map { value($0) }
    let outputs = outputs.map { value($0) }
    return model.addNode(
      opType, domain: domain, name: name, inputs: inputs, outputs: outputs,
      attributes: attributes, in: graph)
  }

  mutating func record(_ name: String, _ type: String) {
    if let value = value(name) { model.setType(Self.type(type), of: value) }
  }

  /// Builds a body inside the current graph: `build` adds to it.
  mutating func body(_ build: (inout ModelBuilder) -> Void, outputs: [String]) -> Graph.ID {
    // A node to hold the body, so that names of the outer graph are visible in it.
    let holder = model.addNode("Holder", inputs: [], outputs: [], in: graph)
    let outer = graph
    graph = model.addGraph(owner: .node(holder))
    let body = graph
    build(&self)
    for output in outputs {
      if let value = value(output) { model.addOutput(value, to: body) }
    }
    graph = outer
    model.removeNode(holder)
    return body
  }

  mutating func output(_ name: String) {
    if let value = value(name) { model.addOutput(value, to: graph) }
  }

  /// The inferred type of a value, as text; "" where nothing is known.
  func inferred(_ name: String, in table: TypeTable) -> String {
    guard let value = model.value(named: name, in: graph) else { return "no such value" }
    return Self.text(table[value])
  }

  static func text(_ type: ValueType?) -> String {
    guard let type else { return "" }
    switch type.kind {
    case .tensor(let elementType, let shape):
      let dimensions = shape?.dimensions.map { dimension -> String in
        switch dimension.size {
        case .known(let value): String(value)
        case .symbolic(let name): name
        case .unknown: "?"
        }
      }
      return elementType.name + (dimensions.map { "[\($0.joined(separator: ", "))]" } ?? "")
    case .sequence(let element): return "seq(\(text(element)))"
    case .optional(let element): return "optional(\(text(element)))"
    case .map(let key, let value): return "map(\(key.name), \(text(value)))"
    default: return "?"
    }
  }
}
