internal import COnnx
internal import SurgeonIR

extension ModelEncoder {
  /// A GraphProto that was changed somewhere, or is new.
  mutating func graph(_ graph: Graph.ID) throws(SurgeonError) -> PieceList {
    let layout = source?.layout(of: graph)
    let infos = KnownInfos(layout, of: model[graph])
    var lists = changedHeaderFields(of: graph, layout?.header)
    lists += [
      nodes(of: graph, field: 1),
      (
        5,
        { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
          for value in encoder.model[graph].initializers {
            let record = encoder.model[value]
            guard let tensor = record.initializer else { continue }
            if var sink = encoder.sink, let entry = try sink.store(tensor) {
              encoder.sink = sink
              pieces.append(field: 5, encoder.header(of: tensor, named: record.name, entry))
            } else {
              try encoder.append(tensor, named: record.name, field: 5, to: &pieces)
            }
          }
        }
      ),
      (
        15,
        { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
          for value in encoder.model[graph].initializers {
            let record = encoder.model[value]
            guard let tensor = record.sparseInitializer else { continue }
            try encoder.append(tensor, named: record.name, field: 15, to: &pieces)
          }
        }
      ),
      (
        11,
        { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
          for value in encoder.model[graph].inputs {
            encoder.append(value, infos.inputs[value], field: 11, to: &pieces)
          }
        }
      ),
      (
        12,
        { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
          for value in encoder.model[graph].outputs {
            encoder.append(value, infos.outputs[value], field: 12, to: &pieces)
          }
        }
      ),
      valueInfos(of: graph, field: 13, layout),
    ]
    return try merge(layout?.fields ?? [], with: lists)
  }

  /// A FunctionProto that was changed somewhere, or is new.
  mutating func function(_ function: Function) throws(SurgeonError) -> PieceList {
    let layout = source?.layout(of: function.body)
    var lists: [List] = [
      names(of: model[function.body].inputs, field: 4),
      names(of: model[function.body].outputs, field: 5),
      nodes(of: function.body, field: 7),
      (
        11,
        { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
          for attribute in function.attributeDefaults {
            try encoder.append(attribute, field: 11, to: &pieces)
          }
        }
      ),
      valueInfos(of: function.body, field: 12, layout),
    ]
    if layout == nil {
      var message = Onnx__FunctionProto()
      onnx__function_proto__init(&message)
      message.name = packer.requiredText(function.name)
      message.domain = packer.requiredText(function.domain)
      message.overload = packer.text(function.overload)
      message.doc_string = packer.text(function.docString)
      message.n_attribute = function.attributeNames.count
      message.attribute = packer.texts(function.attributeNames)
      message.n_opset_import = function.opsetImports.count
      message.opset_import = packer.list(function.opsetImports.map(packer.opset))
      message.n_metadata_props = function.metadata.count
      message.metadata_props = packer.pairs(function.metadata)
      let bytes = packer.pack(message)
      lists.insert(
        (1, { (_, pieces: inout PieceList) throws(SurgeonError) in pieces.append(bytes) }), at: 0)
    }
    return try merge(layout?.fields ?? [], with: lists)
  }

  private func names(of values: [Value.ID], field number: UInt32) -> List {
    (
      number,
      { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
        for value in values { pieces.append(field: number, encoder.model[value].name.utf8) }
      }
    )
  }

  private func nodes(of graph: Graph.ID, field number: UInt32) -> List {
    (
      number,
      { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
        for node in encoder.model.nodes(of: graph) {
          if encoder.sink == nil || encoder.model[node].bodies.isEmpty,
            let source = encoder.source, let range = encoder.range(encoder.model[node].origin)
          {
            pieces.append(field: number, of: source.file, range)
          } else {
            pieces.append(field: number, try encoder.node(node))
          }
        }
      }
    )
  }

  // MARK: Types of values

  /// Where the file's ValueInfoProtos of a graph's inputs and outputs stand, by value.
  struct KnownInfos {
    var inputs: [Value.ID: Origin] = [:]
    var outputs: [Value.ID: Origin] = [:]

    init(_ layout: GraphLayout?, of graph: Graph) {
      guard let layout else { return }
      let interface = Set(graph.inputs + graph.outputs)
      func add(_ infos: [GraphLayout.Info], to table: inout [Value.ID: Origin]) {
        for info in infos {
          if let value = info.value, interface.contains(value) { table[value] = info.origin }
        }
      }
      // A value that became an input or output keeps the message it had elsewhere.
      add(layout.valueInfos, to: &inputs)
      outputs = inputs
      add(layout.outputs, to: &inputs)
      add(layout.inputs, to: &inputs)
      add(layout.inputs, to: &outputs)
      add(layout.outputs, to: &outputs)
    }
  }

  /// A ValueInfoProto: the file's own where the value has not changed since.
  private func append(
    _ value: Value.ID, _ origin: Origin?, field number: UInt32, to pieces: inout PieceList
  ) {
    if model[value].origin != nil, let source, let range = range(origin) {
      pieces.append(field: number, of: source.file, range)
    } else {
      pieces.append(field: number, packer.pack(packer.valueInfo(model[value])))
    }
  }

  /// The file's value_infos without those of removed values, then those of values whose type was
  /// found since.
  private func valueInfos(
    of graph: Graph.ID, field number: UInt32, _ layout: GraphLayout?
  ) -> List {
    (
      number,
      { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
        var known: Set<Value.ID> = []
        for info in layout?.valueInfos ?? [] {
          if let value = info.value {
            known.insert(value)
            guard encoder.model.isAlive(value), encoder.model[value].type != nil else { continue }
            encoder.append(value, info.origin, field: number, to: &pieces)
          } else if let source = encoder.source, let range = encoder.range(info.origin) {
            pieces.append(field: number, of: source.file, range)
          }
        }
        for value in encoder.typedValues(of: graph) where !known.contains(value) {
          let record = encoder.model[value]
          // A function lists its inputs and outputs by name only.
          let isListed =
            record.hasInitializer
            || !encoder.model.isFunctionBody(graph)
              && (record.isGraphInput || record.isGraphOutput)
          guard !isListed else { continue }
          encoder.append(value, nil, field: number, to: &pieces)
        }
      }
    )
  }
}

extension Model {
  fileprivate func isFunctionBody(_ graph: Graph.ID) -> Bool {
    if case .function = self[graph].owner { true } else { false }
  }
}
