internal import SurgeonIR

/// A difference outside the nodes of a model, as a kind and the two sides in words.
public struct HeaderChange: Sendable, Hashable {
  public enum Kind: String, Sendable {
    case irVersion = "ir-version"
    case opset, metadata, producer
    case docString = "doc-string"
    case input, output
    /// Another counterpart's result is the output now.
    case outputSource = "output-source"
    case inputName = "input-name"
    case outputName = "output-name"
    case function
    /// A function that computes the same under another name.
    case functionName = "function-name"
  }

  public let kind: Kind
  /// What it concerns: a domain, a metadata key, the name of an input.
  public let subject: String
  /// nil where only the second model has it.
  public let before: String?
  /// nil where only the first model has it.
  public let after: String?

  /// True where the two sides are the same but for a name.
  public var isNameOnly: Bool {
    kind == .inputName || kind == .outputName || kind == .functionName
  }

  static func all(_ a: Model, _ b: Model, _ matching: Correspondence) -> [HeaderChange] {
    var changes: [HeaderChange] = []
    func note(_ kind: Kind, _ subject: String, _ before: String?, _ after: String?) {
      if before != after {
        changes.append(HeaderChange(kind: kind, subject: subject, before: before, after: after))
      }
    }
    note(.irVersion, "", "\(a.header.irVersion)", "\(b.header.irVersion)")
    let opsets = { (model: Model) in
      Dictionary(
        model.header.opsetImports.map { (Model.canonical($0.domain), "\($0.version)") },
        uniquingKeysWith: { first, _ in first })
    }
    noteEach(.opset, opsets(a), opsets(b), note)
    let metadata = { (pairs: [StringPair]) in
      Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    noteEach(.metadata, metadata(a.header.metadata), metadata(b.header.metadata), note)
    let producer = { (model: Model) in
      "\(model.header.producerName) \(model.header.producerVersion)"
    }
    note(.producer, "", producer(a), producer(b))
    note(.docString, "", a.header.docString, b.header.docString)
    let functions = { (model: Model) in
      Dictionary(
        model.functions.map { function in
          let body = model[function.body]
          return (
            function.fullName,
            "\(body.inputs.count) inputs, \(body.outputs.count) outputs"
          )
        },
        uniquingKeysWith: { first, _ in first })
    }
    noteEach(.function, functions(a), functions(b), note)
    let (graphA, graphB) = (a[a.mainGraph], b[b.mainGraph])
    noteValues(
      .input, .inputName, ports(graphA.inputs, a), ports(graphB.inputs, b), a, b, matching, note)
    // An output is known by its place: one value may be several outputs.
    for index in 0..<max(graphA.outputs.count, graphB.outputs.count) {
      let (x, y) = (
        index < graphA.outputs.count ? graphA.outputs[index] : nil,
        index < graphB.outputs.count ? graphB.outputs[index] : nil
      )
      noteValue(.output, .outputName, x, y, a, b, note)
    }
    for (x, y) in matching.graphs { noteSources(x, y, a, b, matching, note) }
    return changes
  }

  /// Outputs of two graphs, the main ones or bodies, that are not the same value.
  private static func noteSources(
    _ graphA: Graph.ID, _ graphB: Graph.ID, _ a: Model, _ b: Model, _ matching: Correspondence,
    _ note: Note
  ) {
    let (outputsA, outputsB) = (a[graphA].outputs, b[graphB].outputs)
    let place = a.place(of: graphA)
    for index in 0..<max(outputsA.count, outputsB.count) {
      let x = index < outputsA.count ? outputsA[index] : nil
      let y = index < outputsB.count ? outputsB[index] : nil
      // Of the main graph, what one model alone has is noted with its type.
      if place == nil, x == nil || y == nil { continue }
      if let x, let y {
        if matching.after(x) == y { continue }
        // The work of a removed node, or that of an added one.
        if let p = a[x].producer?.node, matching.after(p) == nil { continue }
        if let q = b[y].producer?.node, matching.before(q) == nil { continue }
        if a[x].producer == nil, b[y].producer == nil, a[x].initializer != nil,
          b[y].initializer != nil
        {
          continue
        }
      }
      let name = place.map { "output \(index) of the \($0)" } ?? x.map { a[$0].name } ?? ""
      note(.outputSource, name, x.map { source(of: $0, in: a) }, y.map { source(of: $0, in: b) })
    }
  }

  /// In words that another model has too only where it is the same.
  private static func source(of value: Value.ID, in model: Model) -> String {
    guard let producer = model[value].producer else { return "'\(model[value].name)'" }
    let label = NodeWords(model).label(producer.node)
    let output = producer.output == 0 ? "" : " (output \(producer.output))"
    return "\(label.opType) '\(label.name)'\(output)"
  }

  private typealias Note = (Kind, String, String?, String?) -> Void

  private static func noteEach(
    _ kind: Kind, _ a: [String: String], _ b: [String: String], _ note: Note
  ) {
    for key in Set(a.keys).union(b.keys).sorted() { note(kind, key, a[key], b[key]) }
  }

  private static func noteValues(
    _ kind: Kind, _ nameKind: Kind, _ xs: [Value.ID], _ ys: [Value.ID], _ a: Model, _ b: Model,
    _ matching: Correspondence, _ note: Note
  ) {
    let (known, other) = (Set(xs), Set(ys))
    for x in xs {
      let counterpart = matching.after(x).flatMap { other.contains($0) ? $0 : nil }
      noteValue(kind, nameKind, x, counterpart, a, b, note)
    }
    for y in ys where matching.before(y).map({ !known.contains($0) }) ?? true {
      noteValue(kind, nameKind, nil, y, a, b, note)
    }
  }

  /// Inputs that a caller gives or may give. Before IR version 4 every initializer was listed among
  /// the inputs, wanted or not.
  private static func ports(_ inputs: [Value.ID], _ model: Model) -> [Value.ID] {
    inputs.filter { model[$0].initializer == nil || model.header.irVersion >= 4 }
  }

  private static func noteValue(
    _ kind: Kind, _ nameKind: Kind, _ x: Value.ID?, _ y: Value.ID?, _ a: Model, _ b: Model,
    _ note: Note
  ) {
    let name = x.map { a[$0].name } ?? y.map { b[$0].name } ?? ""
    note(kind, name, x.map { describe($0, in: a) }, y.map { describe($0, in: b) })
    if let x, let y { note(nameKind, name, a[x].name, b[y].name) }
  }

  private static func describe(_ value: Value.ID, in model: Model) -> String {
    let hasDefault = model[value].isGraphInput && model[value].initializer != nil
    return describe(model[value].type) + (hasDefault ? " with a default" : "")
  }

  static func describe(_ type: ValueType?) -> String {
    guard let type else { return "untyped" }
    guard case .tensor(let element, let shape) = type.kind else { return "\(type.kind)" }
    guard let shape else { return "\(element.name) of any shape" }
    let sizes = shape.dimensions.map { dimension in
      switch dimension.size {
      case .known(let size): "\(size)"
      case .symbolic(let name): name
      case .unknown: "?"
      }
    }
    return "\(element.name)[\(sizes.joined(separator: ","))]"
  }
}
