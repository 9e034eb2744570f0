internal import COnnx
internal import SurgeonIR

extension MessageDecoder {
  /// A `ValueInfoProto` without its place.
  struct ValueInfo {
    var name: String
    var type: ValueType?
    var docString: String
    var metadata: [StringPair]
  }

  func valueInfo(_ range: Range<Int>) throws(SurgeonError) -> ValueInfo {
    let message = try unpack(
      UnsafeRawBufferPointer(rebasing: file.bytes[range]), onnx__value_info_proto__unpack)
    defer { arena.reset() }
    return ValueInfo(
      name: string(message.name), type: message.type.map { valueType($0.pointee) },
      docString: string(message.doc_string),
      metadata: pairs(message.n_metadata_props, message.metadata_props))
  }

  /// A type. A kind or an element type that this version does not know becomes `unspecified`;
  /// the message itself survives in the file.
  func valueType(_ message: Onnx__TypeProto) -> ValueType {
    ValueType(kind(of: message), denotation: text(message.denotation))
  }

  private func kind(of message: Onnx__TypeProto) -> ValueType.Kind {
    switch message.value_case {
    case ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE:
      guard let tensor = message.tensor_type?.pointee,
        let elementType = ElementType(rawValue: tensor.elem_type)
      else { return .unspecified }
      return .tensor(elementType, tensor.shape.map { shape($0.pointee) })
    case ONNX__TYPE_PROTO__VALUE_SPARSE_TENSOR_TYPE:
      guard let tensor = message.sparse_tensor_type?.pointee,
        let elementType = ElementType(rawValue: tensor.elem_type)
      else { return .unspecified }
      return .sparseTensor(elementType, tensor.shape.map { shape($0.pointee) })
    case ONNX__TYPE_PROTO__VALUE_SEQUENCE_TYPE:
      return .sequence(inner(message.sequence_type?.pointee.elem_type))
    case ONNX__TYPE_PROTO__VALUE_OPTIONAL_TYPE:
      return .optional(inner(message.optional_type?.pointee.elem_type))
    case ONNX__TYPE_PROTO__VALUE_MAP_TYPE:
      guard let map = message.map_type?.pointee, let key = ElementType(rawValue: map.key_type)
      else { return .unspecified }
      return .map(key: key, value: inner(map.value_type))
    case ONNX__TYPE_PROTO__VALUE_OPAQUE_TYPE:
      let opaque = message.opaque_type?.pointee
      return .opaque(domain: string(opaque?.domain), name: string(opaque?.name))
    default: return .unspecified
    }
  }

  private func inner(_ message: UnsafeMutablePointer<Onnx__TypeProto>?) -> ValueType {
    message.map { valueType($0.pointee) } ?? ValueType(.unspecified)
  }

  private func shape(_ message: Onnx__TensorShapeProto) -> Shape {
    Shape(
      elements(message.n_dim, message.dim).map { dimension in
        Dimension(size(of: dimension), denotation: text(dimension.denotation))
      })
  }

  /// A negative size is how some exporters write an unknown one, a question mark how others do:
  /// two of them need not be equal.
  private func size(of dimension: Onnx__TensorShapeProto__Dimension) -> Dimension.Size {
    switch dimension.value_case {
    case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE where dimension.dim_value >= 0:
      return .known(Int(dimension.dim_value))
    case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM:
      let name = string(dimension.dim_param)
      return name.isEmpty || name == "?" ? .unknown : .symbolic(name)
    default: return .unknown
    }
  }

  private func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
    let text = string(pointer)
    return text.isEmpty ? nil : text
  }
}
