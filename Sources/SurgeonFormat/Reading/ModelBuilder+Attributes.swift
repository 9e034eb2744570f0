internal import COnnx
internal import CProtobufC
internal import SurgeonIR

extension ModelBuilder {
  private enum AttributeField {
    static let tensor: UInt32 = 5
    static let graph: UInt32 = 6
    static let tensors: UInt32 = 10
    static let graphs: UInt32 = 11
    static let sparseTensor: UInt32 = 22
    static let sparseTensors: UInt32 = 23
    static let notSmall = MessageDecoder.FieldSet(from: 24, and: 5, 6, 10, 11, 12, 22, 23)
    static let known = MessageDecoder.FieldSet(
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 20, 21, 22, 23)
  }

  /// Reads an attribute with everything in it; bodies become graphs of the model.
  mutating func readAttribute(_ range: Range<Int>) throws(SurgeonError) -> Attribute {
    let skeleton = try decoder.skeleton(of: range, cutting: AttributeField.notSmall)
    let message = try decoder.unpack(skeleton.bytes, onnx__attribute_proto__unpack)
    let name = decoder.string(message.name)
    let docString = decoder.string(message.doc_string)
    let reference = decoder.string(message.ref_attr_name)
    let code = UInt32(bitPattern: Int32(message.type.rawValue))
    let type = message.has_type != 0 && message.type != undefined ? message.type : nil
    let small = smallPayload(message, type ?? inferredType(message, skeleton.cut))
    decoder.arena.reset()

    return try located("attribute '\(name)'") { () throws(SurgeonError) in
      var payload = Attribute.Payload.unknown(typeCode: Int32(bitPattern: code))
      if !reference.isEmpty {
        payload = .reference(to: reference, typeCode: Int32(bitPattern: code))
      } else if let small {
        payload = small
      } else if let large = try largePayload(type, skeleton.cut) {
        payload = large
      }
      var unrecognized: [UInt8] = []
      var reader = decoder.fields(in: range)
      while let field = try decoder.next(&reader) {
        let isKept =
          if case .unknown = payload { ![1, 13, 20].contains(field.number) } else {
            !AttributeField.known.contains(field.number)
          }
        if isKept { unrecognized += decoder.file.bytes[field.whole] }
      }
      return Attribute(
        name, payload, docString: docString, origin: decoder.origin(range),
        unrecognized: unrecognized)
    }
  }

  private var undefined: Onnx__AttributeProto__AttributeType {
    ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__UNDEFINED
  }

  /// Files of the first IR version do not say the type of an attribute: what is there tells.
  private func inferredType(
    _ message: Onnx__AttributeProto, _ cut: [WireField]
  ) -> Onnx__AttributeProto__AttributeType? {
    if message.has_f != 0 { return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT }
    if message.has_i != 0 { return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT }
    if message.has_s != 0 { return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING }
    if message.n_floats > 0 { return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS }
    if message.n_ints > 0 { return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS }
    if message.n_strings > 0 { return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS }
    return nil
  }

  /// The payload of a type that protobuf-c decodes whole; nil for the others.
  private func smallPayload(
    _ message: Onnx__AttributeProto, _ type: Onnx__AttributeProto__AttributeType?
  ) -> Attribute.Payload? {
    switch type {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT: .float(message.f)
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT: .int(message.i)
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING: .string(decoder.bytes(message.s))
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS:
      .floats(Array(UnsafeBufferPointer(start: message.floats, count: message.n_floats)))
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS:
      .ints(Array(UnsafeBufferPointer(start: message.ints, count: message.n_ints)))
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS:
      .strings(
        UnsafeBufferPointer(start: message.strings, count: message.n_strings).map {
          decoder.bytes($0)
        })
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TYPE_PROTO:
      message.tp.map { .type(decoder.valueType($0.pointee)) }
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TYPE_PROTOS:
      .types(
        decoder.elements(message.n_type_protos, message.type_protos).map(decoder.valueType))
    default: nil
    }
  }

  /// The payload of a type that holds tensors or graphs; nil where the field is missing.
  private mutating func largePayload(
    _ type: Onnx__AttributeProto__AttributeType?, _ cut: [WireField]
  ) throws(SurgeonError) -> Attribute.Payload? {
    let wanted: UInt32? =
      switch type {
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR: AttributeField.tensor
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH: AttributeField.graph
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSOR: AttributeField.sparseTensor
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSORS: AttributeField.tensors
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPHS: AttributeField.graphs
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSORS: AttributeField.sparseTensors
      case nil: cut.first { AttributeField.known.contains($0.number) }?.number
      default: nil
      }
    let fields = cut.filter { $0.number == wanted }.map(\.payload)
    guard let first = fields.first else { return empty(type) }
    switch wanted {
    case AttributeField.tensor: return .tensor(try decoder.tensor(first).tensor)
    case AttributeField.graph: return .graph(try readBody(first))
    case AttributeField.sparseTensor: return .sparseTensor(try decoder.sparseTensor(first).tensor)
    case AttributeField.tensors:
      var tensors: [Tensor] = []
      for field in fields { tensors.append(try decoder.tensor(field).tensor) }
      return .tensors(tensors)
    case AttributeField.graphs:
      var graphs: [Graph.ID] = []
      for field in fields { graphs.append(try readBody(field)) }
      return .graphs(graphs)
    case AttributeField.sparseTensors:
      var tensors: [SparseTensor] = []
      for field in fields { tensors.append(try decoder.sparseTensor(field).tensor) }
      return .sparseTensors(tensors)
    default: return nil
    }
  }

  /// A list without elements is a list; a single thing that is missing is an error elsewhere.
  private func empty(_ type: Onnx__AttributeProto__AttributeType?) -> Attribute.Payload? {
    switch type {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSORS: .tensors([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPHS: .graphs([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSORS: .sparseTensors([])
    default: nil
    }
  }

  /// A body; the node that holds it becomes its owner when the node is added.
  private mutating func readBody(_ range: Range<Int>) throws(SurgeonError) -> Graph.ID {
    let graph = model.addGraph(owner: .model)
    try readGraph(range, as: graph)
    return graph
  }
}
