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
    if unsorted.contains(graph) { try sort(graph) }
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

    try located("node \(index)\(name.isEmpty ? "" : " '\(name)'") (\(opType))") {
      () throws(SurgeonError) in
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

  // MARK: Order

  /// Puts the nodes of `graph` in order, each as near to its place in the file as its inputs allow.
  ///
  /// - Throws: `invalidGraph` with the nodes of a cycle.
  private mutating func sort(_ graph: Graph.ID) throws(SurgeonError) {
    let nodes = Array(model.nodes(of: graph))
    var state: [Node.ID: Bool] = [:]  // false while its inputs are visited, true when placed
    var order: [Node.ID] = []
    for root in nodes where state[root] == nil {
      var stack: [(node: Node.ID, needs: [Node.ID])] = [
        (root, producers(neededBy: root, in: graph))
      ]
      state[root] = false
      while let top = stack.last {
        guard let next = top.needs.last else {
          state[top.node] = true
          order.append(top.node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].needs.removeLast()
        switch state[next] {
        case true?: continue
        case false?:
          throw cycle(stack.map(\.node).drop { $0 != next })
        case nil:
          state[next] = false
          stack.append((next, producers(neededBy: next, in: graph)))
        }
      }
    }
    for node in order {
      let origin = model[node].origin
      model.moveNode(node, before: nil)
      model.setOrigin(origin, of: node)
    }
  }

  /// The nodes of `graph` that compute what `node` and its bodies read, the first one last.
  private func producers(neededBy node: Node.ID, in graph: Graph.ID) -> [Node.ID] {
    let bodies = model[node].bodies.flatMap { model.outerValues(readIn: $0) }
    return (model[node].inputs.compactMap { $0 } + bodies).reversed().compactMap { value in
      model[value].graph == graph ? model[value].producer?.node : nil
    }
  }

  private func cycle(_ nodes: some Sequence<Node.ID>) -> SurgeonError {
    let names = nodes.map { node in
      let record = model[node]
      let name =
        record.name.isEmpty ? model[record.outputs[0] ?? Value.ID(raw: 0)].name : record.name
      return "'\(name)' (\(record.opType))"
    }
    let shown = names.count > 8 ? names.prefix(7) + ["... \(names.count - 7) more"] : names[...]
    return SurgeonError(
      .invalidGraph, "the graph has a cycle",
      detail: "each of these nodes needs the next one, and the last one the first: "
        + shown.joined(separator: ", "))
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
