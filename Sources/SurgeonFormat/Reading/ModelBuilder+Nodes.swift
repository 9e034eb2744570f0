internal import COnnx
internal import SurgeonIR

extension ModelBuilder {
  /// The numbers of NodeProto's fields that are read apart from the message: attributes, device
  /// configurations (which the IR has no name for) and whatever the standard adds later.
  private static let nodeParts = MessageDecoder.FieldSet(from: 10, and: 5)

  /// Reads the nodes of a graph whose names are all declared, and puts them in an order in which
  /// each value is computed before it is read.
  mutating func readNodes(_ ranges: [Range<Int>], of graph: Graph.ID) throws(SurgeonError) {
    for (index, range) in ranges.enumerated() { try readNode(range, index, of: graph) }
    if unsorted.contains(graph) { try model.sortNodes(of: graph) }
  }

  private mutating func readNode(
    _ range: Range<Int>, _ index: Int, of graph: Graph.ID
  ) throws(SurgeonError) {
    let skeleton = try decoder.skeleton(of: range, cutting: Self.nodeParts)
    let message = try decoder.unpack(skeleton.bytes, onnx__node_proto__unpack)
    let name = decoder.string(message.name)
    let opType = decoder.string(message.op_type)
    let (domain, overload) = (decoder.string(message.domain), decoder.string(message.overload))
    let docString = decoder.string(message.doc_string)
    let metadata = decoder.pairs(message.n_metadata_props, message.metadata_props)
    let inputNames = decoder.strings(message.n_input, message.input)
    let outputNames = decoder.strings(message.n_output, message.output)
    decoder.arena.reset()

    try located(
      "node \(index)" + (name.isEmpty ? "" : " '\(name)'") + (opType.isEmpty ? "" : " (\(opType))")
    ) { () throws(SurgeonError) in
      guard !opType.isEmpty else {
        throw SurgeonError(.invalidGraph, "a node names no operator")
      }
      var attributes: [Attribute] = []
      var unrecognized: [UInt8] = []
      for field in skeleton.cut {
        if field.number == 5 {
          attributes.append(try readAttribute(field.payload))
        } else {
          unrecognized += decoder.file.bytes[field.whole]
        }
      }
      var inputs: [Value.ID?] = []
      for (slot, name) in inputNames.enumerated() {
        inputs.append(name.isEmpty ? nil : try read(name, atInput: slot))
      }
      let node = model.addNode(
        opType, domain: domain, overload: overload, name: name, inputs: inputs,
        outputs: outputNames.map { model.localValue(named: $0, in: graph) }, attributes: attributes,
        docString: docString, metadata: metadata, unrecognized: unrecognized, in: graph)
      model.setOrigin(decoder.origin(range), of: node)
    }
  }

  private mutating func read(_ name: String, atInput slot: Int) throws(SurgeonError) -> Value.ID {
    guard let value = resolve(name) else {
      throw SurgeonError(
        .invalidGraph, "input \(slot) reads '\(name)', which nothing defines",
        hint: "the file is incomplete, or was edited by a tool that lost a part of it")
    }
    if !model[value].isDefined { unsorted.insert(model[value].graph) }
    return value
  }

  // MARK: Functions

  private static let functionParts = MessageDecoder.FieldSet(from: 15, and: 7, 11, 12)

  mutating func readFunction(_ range: Range<Int>) throws(SurgeonError) {
    let skeleton = try decoder.skeleton(of: range, cutting: Self.functionParts)
    let message = try decoder.unpack(skeleton.bytes, onnx__function_proto__unpack)
    let (name, domain) = (decoder.string(message.name), decoder.string(message.domain))
    let overload = decoder.string(message.overload)
    let inputs = decoder.strings(message.n_input, message.input)
    let outputs = decoder.strings(message.n_output, message.output)
    let attributeNames = decoder.strings(message.n_attribute, message.attribute)
    let imports = opsets(message.n_opset_import, message.opset_import)
    let docString = decoder.string(message.doc_string)
    let metadata = decoder.pairs(message.n_metadata_props, message.metadata_props)
    decoder.arena.reset()

    try located("function '\(name)'") { () throws(SurgeonError) in
      let body = model.addGraph(owner: .function(model.functions.count))
      var layout = GraphLayout()
      var reader = decoder.fields(in: range)
      while let field = try decoder.next(&reader) {
        layout.fields.append(FieldSpan(number: field.number, whole: field.whole))
      }
      for (index, input) in inputs.enumerated() {
        model.addInput(try define(input, in: body, by: "input \(index)"))
      }
      let parts = Dictionary(grouping: skeleton.cut, by: \.number)
      let nodes = parts[7, default: []].map(\.payload)
      try declareOutputs(of: nodes, in: body)
      try readValueInfos(parts[12, default: []], of: body, &layout)
      let outer = scopes
      scopes = [body]
      try readNodes(nodes, of: body)
      var defaults: [Attribute] = []
      for field in parts[11, default: []] { defaults.append(try readAttribute(field.payload)) }
      for (index, output) in outputs.enumerated() {
        guard let value = resolve(output) else {
          throw SurgeonError(
            .invalidGraph, "function output \(index), '\(output)', is computed by nothing")
        }
        model.addOutput(value, to: body)
      }
      scopes = outer
      model.addFunction(
        Function(
          name: name, domain: domain, overload: overload, body: body,
          attributeNames: attributeNames, attributeDefaults: defaults, opsetImports: imports,
          docString: docString, metadata: metadata, origin: decoder.origin(range)))
      finish(body, layout, origin: decoder.origin(range))
    }
  }
}
