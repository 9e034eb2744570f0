internal import COnnx
internal import SurgeonIR

/// Turns a model into pieces: what is unchanged as ranges of the file it was read from, what is new
/// or changed as messages packed by protobuf-c.
struct ModelEncoder {
  let model: Model
  let source: ModelFile?
  /// Of the file that the model was read from.
  let decoder: MessageDecoder?
  let packer = MessagePacker()
  /// Set where big initializers go into a file of their own.
  var sink: ExternalSink?
  /// Locations of external data that messages made anew refer to.
  var externalLocations: [String] = []
  private var typedValues: [Graph.ID: [Value.ID]]?

  init(_ model: Model, sink: ExternalSink? = nil) {
    self.model = model
    let source = model.source as? ModelFile
    self.source = source
    decoder = source.map { MessageDecoder($0.file) }
    self.sink = sink
  }

  /// A field that the encoder writes itself: all elements at the place of the file's first one, or
  /// after everything else.
  typealias List = (
    number: UInt32, append: (inout ModelEncoder, inout PieceList) throws(SurgeonError) -> Void
  )

  /// The range of an origin, where it is in the model's own file.
  func range(_ origin: Origin?) -> Range<Int>? {
    guard let origin, let source, origin.source == source.file.number else { return nil }
    return origin.offset..<origin.offset + origin.count
  }

  mutating func encode() throws(SurgeonError) -> PieceList {
    var lists: [List] = changedHeaderFields()
    lists.append(
      (
        7,
        { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
          let graph = encoder.model.mainGraph
          if encoder.sink == nil, let source = encoder.source,
            let range = encoder.range(encoder.model[graph].origin)
          {
            pieces.append(field: 7, of: source.file, range)
          } else {
            pieces.append(field: 7, try encoder.graph(graph))
          }
        }
      ))
    lists.append(
      (
        25,
        { (encoder: inout ModelEncoder, pieces: inout PieceList) throws(SurgeonError) in
          for function in encoder.model.functions {
            if let source = encoder.source, let range = encoder.range(function.origin) {
              pieces.append(field: 25, of: source.file, range)
            } else {
              pieces.append(field: 25, try encoder.function(function))
            }
          }
        }
      ))
    return try merge(source?.fields ?? [], with: lists)
  }

  /// The fields of a message in the file's order, those in `lists` written anew.
  mutating func merge(
    _ fields: [FieldSpan], with lists: [List]
  ) throws(SurgeonError) -> PieceList {
    var pieces = PieceList()
    var isDone = Array(repeating: false, count: lists.count)
    for field in fields {
      if let index = lists.firstIndex(where: { $0.number == field.number }) {
        guard !isDone[index] else { continue }
        isDone[index] = true
        try lists[index].append(&self, &pieces)
      } else if let source {
        pieces.append(source.file, field.whole)
      }
    }
    for (index, list) in lists.enumerated() where !isDone[index] {
      try list.append(&self, &pieces)
    }
    return pieces
  }

  // MARK: Headers

  /// Fields of the header that differ from what was read; all of them for a new model.
  private func changedHeaderFields() -> [List] {
    let (new, old) = (model.header, source?.header)
    var lists: [List] = []
    func field(
      _ number: UInt32, _ isChanged: Bool, _ set: (inout Onnx__ModelProto) -> Void
    ) {
      guard isChanged else { return }
      var message = Onnx__ModelProto()
      onnx__model_proto__init(&message)
      set(&message)
      let bytes = packer.pack(message)
      lists.append(
        (number, { (_, pieces: inout PieceList) throws(SurgeonError) in pieces.append(bytes) }))
    }
    field(1, new.irVersion != old?.irVersion) {
      $0.has_ir_version = 1
      $0.ir_version = Int64(new.irVersion)
    }
    field(2, new.producerName != old?.producerName) {
      $0.producer_name = packer.text(new.producerName)
    }
    field(3, new.producerVersion != old?.producerVersion) {
      $0.producer_version = packer.text(new.producerVersion)
    }
    field(4, new.domain != old?.domain) { $0.domain = packer.text(new.domain) }
    field(5, new.modelVersion != (old?.modelVersion ?? 0)) {
      $0.has_model_version = 1
      $0.model_version = new.modelVersion
    }
    field(6, new.docString != old?.docString) { $0.doc_string = packer.text(new.docString) }
    field(8, new.opsetImports != old?.opsetImports) {
      $0.n_opset_import = new.opsetImports.count
      $0.opset_import = packer.list(new.opsetImports.map(packer.opset))
    }
    field(14, new.metadata != old?.metadata) {
      $0.n_metadata_props = new.metadata.count
      $0.metadata_props = packer.pairs(new.metadata)
    }
    return lists
  }

  /// The same for a graph.
  func changedHeaderFields(of graph: Graph.ID, _ old: Graph.Header?) -> [List] {
    let new = model[graph].header
    var lists: [List] = []
    func field(
      _ number: UInt32, _ isChanged: Bool, _ set: (inout Onnx__GraphProto) -> Void
    ) {
      guard isChanged else { return }
      var message = Onnx__GraphProto()
      onnx__graph_proto__init(&message)
      set(&message)
      let bytes = packer.pack(message)
      lists.append(
        (number, { (_, pieces: inout PieceList) throws(SurgeonError) in pieces.append(bytes) }))
    }
    field(2, new.name != old?.name) { $0.name = packer.text(new.name) }
    field(10, new.docString != old?.docString) { $0.doc_string = packer.text(new.docString) }
    field(16, new.metadata != old?.metadata) {
      $0.n_metadata_props = new.metadata.count
      $0.metadata_props = packer.pairs(new.metadata)
    }
    return lists
  }

  // MARK: Values

  /// Living values of `graph` that have a type, in order of creation.
  mutating func typedValues(of graph: Graph.ID) -> [Value.ID] {
    if typedValues == nil {
      var groups: [Graph.ID: [Value.ID]] = [:]
      for value in model.allValues where model[value].type != nil {
        groups[model[value].graph, default: []].append(value)
      }
      typedValues = groups
    }
    return typedValues?[graph] ?? []
  }
}
