internal import COnnx
internal import SurgeonIR

extension ModelBuilder {
  enum GraphField {
    static let node: UInt32 = 1
    static let initializer: UInt32 = 5
    static let input: UInt32 = 11
    static let output: UInt32 = 12
    static let valueInfo: UInt32 = 13
    static let quantization: UInt32 = 14
    static let sparseInitializer: UInt32 = 15
    static let notHeader = MessageDecoder.FieldSet(from: 17, and: 1, 5, 11, 12, 13, 14, 15)
  }

  /// Reads a GraphProto into `graph`, an empty graph of the model.
  ///
  /// All names of the graph come first, then its nodes: a name means the same wherever it is read.
  mutating func readGraph(_ range: Range<Int>, as graph: Graph.ID) throws(SurgeonError) {
    let skeleton = try decoder.skeleton(of: range, cutting: GraphField.notHeader)
    let header = try graphHeader(skeleton.bytes)
    try located(header.name.isEmpty ? "graph" : "graph '\(header.name)'") {
      () throws(SurgeonError) in
      var layout = GraphLayout()
      var reader = decoder.fields(in: range)
      while let field = try decoder.next(&reader) {
        layout.fields.append(FieldSpan(number: field.number, whole: field.whole))
      }
      layout.header = header
      model.setHeader(header, of: graph)
      let parts = Dictionary(grouping: skeleton.cut, by: \.number)
      let nodes = parts[GraphField.node, default: []].map(\.payload)
      try readInputs(parts[GraphField.input, default: []], of: graph, &layout)
      try readInitializers(skeleton.cut, of: graph)
      try declareOutputs(of: nodes, in: graph)
      try readValueInfos(parts[GraphField.valueInfo, default: []], of: graph, &layout)
      scopes.append(graph)
      try readNodes(nodes, of: graph)
      try readOutputs(parts[GraphField.output, default: []], of: graph, &layout)
      scopes.removeLast()
      try pinNames(ofAnnotations: parts[GraphField.quantization, default: []])
      finish(graph, layout, origin: decoder.origin(range))
    }
  }

  /// Records where the graph stands; from now on every edit counts as one.
  mutating func finish(_ graph: Graph.ID, _ layout: GraphLayout, origin: Origin) {
    model.setOrigin(origin, of: graph)
    while layouts.count <= Int(graph.raw) { layouts.append(nil) }
    layouts[Int(graph.raw)] = layout
  }

  private func graphHeader(_ bytes: UnsafeRawBufferPointer) throws(SurgeonError) -> Graph.Header {
    let message = try decoder.unpack(bytes, onnx__graph_proto__unpack)
    defer { decoder.arena.reset() }
    var header = Graph.Header()
    header.name = decoder.string(message.name)
    header.docString = decoder.string(message.doc_string)
    header.metadata = decoder.pairs(message.n_metadata_props, message.metadata_props)
    return header
  }

  private mutating func readInputs(
    _ fields: [WireField], of graph: Graph.ID, _ layout: inout GraphLayout
  ) throws(SurgeonError) {
    for (index, field) in fields.enumerated() {
      let info = try decoder.valueInfo(field.payload)
      let value = try define(info.name, in: graph, by: "input \(index)")
      let origin = decoder.origin(field.payload)
      record(info, of: value, isValueInfo: false, origin: origin)
      model.addInput(value)
      layout.inputs.append(.init(value: value, origin: origin))
    }
  }

  private mutating func readInitializers(
    _ fields: [WireField], of graph: Graph.ID
  ) throws(SurgeonError) {
    var index = 0
    for field in fields {
      switch field.number {
      case GraphField.initializer:
        try located("initializer \(index)") { () throws(SurgeonError) in
          let (name, tensor) = try decoder.tensor(field.payload, role: "initializer")
          let value = try valueForInitializer(name, in: graph, index)
          model.setInitializer(tensor, of: value)
        }
      case GraphField.sparseInitializer:
        try located("sparse initializer \(index)") { () throws(SurgeonError) in
          let (name, tensor) = try decoder.sparseTensor(field.payload)
          let value = try valueForInitializer(name, in: graph, index)
          model.setSparseInitializer(tensor, of: value)
        }
      default: continue
      }
      index += 1
    }
  }

  /// A graph input of the same name gets a default; otherwise the initializer is a new value.
  private mutating func valueForInitializer(
    _ name: String, in graph: Graph.ID, _ index: Int
  ) throws(SurgeonError) -> Value.ID {
    if let value = model.localValue(named: name, in: graph), model[value].isGraphInput,
      model[value].initializer == nil, model[value].sparseInitializer == nil
    {
      return value
    }
    return try define(name, in: graph, by: "initializer \(index)")
  }

  /// A new value; a second definition of a name is an error that names both.
  mutating func define(
    _ name: String, in graph: Graph.ID, by definition: @autoclosure () -> String
  ) throws(SurgeonError) -> Value.ID {
    guard !name.isEmpty else {
      throw SurgeonError(.invalidGraph, "\(definition()) has no name")
    }
    if let other = model.localValue(named: name, in: graph) {
      throw SurgeonError(
        .invalidGraph, "'\(name)' is defined twice",
        detail: "by \(describe(other)) and by \(definition())",
        hint: "a graph in which every name is defined once is needed")
    }
    return model.addValue(named: name, in: graph)
  }

  private func describe(_ value: Value.ID) -> String {
    let record = model[value]
    if let index = model[record.graph].inputs.firstIndex(of: value) { return "input \(index)" }
    if let index = model[record.graph].initializers.firstIndex(of: value) {
      return "initializer \(index)"
    }
    return "a node"
  }

  mutating func declareOutputs(
    of nodes: [Range<Int>], in graph: Graph.ID
  ) throws(SurgeonError) {
    for (index, node) in nodes.enumerated() {
      var reader = decoder.fields(in: node)
      while let field = try decoder.next(&reader) {
        guard field.number == 2, !field.payload.isEmpty else { continue }
        _ = try define(decoder.string(field.payload), in: graph, by: "node \(index)")
      }
    }
  }

  /// Types of values that the graph does not define are kept in the file; their names are pinned,
  /// so that no new value comes to bear a type that was not meant for it.
  mutating func readValueInfos(
    _ fields: [WireField], of graph: Graph.ID, _ layout: inout GraphLayout
  ) throws(SurgeonError) {
    for field in fields {
      let info = try decoder.valueInfo(field.payload)
      let origin = decoder.origin(field.payload)
      let value = model.localValue(named: info.name, in: graph)
      if let value {
        record(info, of: value, isValueInfo: true, origin: origin)
      } else {
        model.pinnedNames.insert(info.name)
      }
      layout.valueInfos.append(.init(value: value, origin: origin))
    }
  }

  private mutating func readOutputs(
    _ fields: [WireField], of graph: Graph.ID, _ layout: inout GraphLayout
  ) throws(SurgeonError) {
    for (index, field) in fields.enumerated() {
      let info = try decoder.valueInfo(field.payload)
      guard let value = resolve(info.name) else {
        throw SurgeonError(
          .invalidGraph, "graph output \(index), '\(info.name)', is computed by nothing",
          hint: "the file is incomplete, or names an output wrongly")
      }
      let origin = decoder.origin(field.payload)
      if model[value].graph == graph {
        record(info, of: value, isValueInfo: false, origin: origin)
      }
      model.addOutput(value, to: graph)
      layout.outputs.append(.init(value: value, origin: origin))
    }
  }

  /// What a value's first message says counts; a later one fills in a missing type.
  private mutating func record(
    _ info: MessageDecoder.ValueInfo, of value: Value.ID, isValueInfo: Bool, origin: Origin
  ) {
    let old = model[value]
    guard old.origin == nil || old.type == nil else { return }
    model.setInfo(
      of: value, type: info.type, docString: info.docString, metadata: info.metadata,
      isValueInfo: isValueInfo, origin: origin)
  }

  /// The value that a name denotes where it is read now.
  func resolve(_ name: String) -> Value.ID? {
    for scope in scopes.reversed() {
      if let value = model.localValue(named: name, in: scope) { return value }
    }
    return nil
  }

  /// Quantization annotations stay as they are in the file; what they name must stay too.
  private mutating func pinNames(
    ofAnnotations fields: [WireField]
  ) throws(SurgeonError) {
    for field in fields {
      let message = try decoder.unpack(
        UnsafeRawBufferPointer(rebasing: decoder.file.bytes[field.payload]),
        onnx__tensor_annotation__unpack)
      model.pinnedNames.insert(decoder.string(message.tensor_name))
      let parameters = decoder.pairs(
        message.n_quant_parameter_tensor_names, message.quant_parameter_tensor_names)
      decoder.arena.reset()
      model.pinnedNames.formUnion(parameters.map(\.value))
    }
  }
}
