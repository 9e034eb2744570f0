internal import COnnx
internal import SurgeonIR

/// Builds a model from the checked bytes of a file.
struct ModelBuilder {
  let decoder: MessageDecoder
  var model = Model(header: .init(irVersion: 0, opsetImports: []))
  var layouts: [GraphLayout?] = []
  /// The graphs around the one being read, outermost first, and that one itself.
  var scopes: [Graph.ID] = []
  /// Graphs in which something is read before the node that computes it.
  var unsorted: Set<Graph.ID> = []

  init(_ decoder: MessageDecoder) { self.decoder = decoder }

  /// The numbers of ModelProto's fields that are not part of the header.
  enum ModelField {
    static let graph: UInt32 = 7
    static let trainingInfo: UInt32 = 20
    static let function: UInt32 = 25
    static let notHeader = MessageDecoder.FieldSet(from: 26, and: 7, 20, 25)
  }

  mutating func build(externalTensors: [Range<Int>]) throws(SurgeonError) -> Model {
    let whole = 0..<decoder.file.count
    var fields: [FieldSpan] = []
    var reader = decoder.fields(in: whole)
    while let field = try decoder.next(&reader) {
      fields.append(FieldSpan(number: field.number, whole: field.whole))
    }
    let skeleton = try decoder.skeleton(of: whole, cutting: ModelField.notHeader)
    try readHeader(skeleton.bytes)
    guard let graph = skeleton.cut.first(where: { $0.number == ModelField.graph }) else {
      throw SurgeonError(
        .malformedModel, "the file holds no graph",
        hint: FileKind(of: decoder.file.bytes)?.hint ?? "it is empty, or no ONNX model")
    }
    try readGraph(graph.payload, as: model.mainGraph)
    for field in skeleton.cut where field.number == ModelField.function {
      try readFunction(field.payload)
    }
    for field in skeleton.cut where field.number == ModelField.trainingInfo {
      try pinNames(ofTraining: field.payload)
    }
    model.source = ModelFile(
      file: decoder.file, externalFiles: decoder.externalFiles, fields: fields,
      header: model.header, layouts: layouts, externalTensors: externalTensors)
    return model
  }

  private mutating func readHeader(_ bytes: UnsafeRawBufferPointer) throws(SurgeonError) {
    let message = try decoder.unpack(bytes, onnx__model_proto__unpack)
    var header = Model.Header(
      irVersion: Int(message.ir_version),
      opsetImports: opsets(message.n_opset_import, message.opset_import))
    header.producerName = decoder.string(message.producer_name)
    header.producerVersion = decoder.string(message.producer_version)
    header.domain = decoder.string(message.domain)
    header.modelVersion = message.model_version
    header.docString = decoder.string(message.doc_string)
    header.metadata = decoder.pairs(message.n_metadata_props, message.metadata_props)
    decoder.arena.reset()
    // Files of the first two IR versions name no operator set: they mean version 1.
    if header.opsetImports.isEmpty, header.irVersion < 3 {
      header.opsetImports = [OpsetImport(domain: "", version: 1)]
    }
    model.header = header
  }

  func opsets(
    _ count: Int,
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<Onnx__OperatorSetIdProto>?>?
  ) -> [OpsetImport] {
    decoder.elements(count, list).map {
      OpsetImport(domain: decoder.string($0.domain), version: Int($0.version))
    }
  }

  /// training_info stays as it is in the file; what it refers to must stay too. Every name in it is
  /// pinned, those that its own graphs define included: too many do no harm.
  private mutating func pinNames(ofTraining range: Range<Int>) throws(SurgeonError) {
    var reader = decoder.fields(in: range)
    while let field = try decoder.next(&reader) {
      switch field.number {
      case 1, 2: try pinNames(ofGraph: field.payload)
      case 3, 4:
        var entry = decoder.fields(in: field.payload)
        while let part = try decoder.next(&entry) {
          if part.number <= 2 { model.pinnedNames.insert(decoder.string(part.payload)) }
        }
      default: break
      }
    }
  }

  private mutating func pinNames(ofGraph range: Range<Int>) throws(SurgeonError) {
    var reader = decoder.fields(in: range)
    while let field = try decoder.next(&reader) {
      switch field.number {
      case 1:
        var node = decoder.fields(in: field.payload)
        while let part = try decoder.next(&node) {
          switch part.number {
          case 1, 2: model.pinnedNames.insert(decoder.string(part.payload))
          case 5: try pinNames(ofAttribute: part.payload)
          default: break
          }
        }
      case 12: model.pinnedNames.insert(try decoder.valueInfo(field.payload).name)
      default: break
      }
    }
    model.pinnedNames.remove("")
  }

  private mutating func pinNames(ofAttribute range: Range<Int>) throws(SurgeonError) {
    var reader = decoder.fields(in: range)
    while let field = try decoder.next(&reader) {
      if field.number == 6 || field.number == 11 { try pinNames(ofGraph: field.payload) }
    }
  }
}
