internal import COnnx
internal import CProtobufC
internal import SurgeonIR

/// Makes protobuf-c's messages from values of the IR, and packs them. What is made lives until the
/// arena is reset.
struct MessagePacker {
  let arena = ProtobufArena()

  /// The encoded message.
  func pack<Message>(_ message: Message) -> [UInt8] {
    var message = message
    defer { arena.reset() }
    return withUnsafePointer(to: &message) { pointer in
      // Every message begins with its base.
      pointer.withMemoryRebound(to: ProtobufCMessage.self, capacity: 1) { base in
        let count = protobuf_c_message_get_packed_size(base)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
          initialized = buffer.baseAddress.map { protobuf_c_message_pack(base, $0) } ?? 0
        }
      }
    }
  }

  // MARK: Parts of messages

  /// nil for an empty text: the field is left out.
  func text(_ text: String) -> UnsafeMutablePointer<CChar>? {
    text.isEmpty ? nil : requiredText(text)
  }

  func requiredText(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8CString
    return bytes.withUnsafeBufferPointer { array($0) }
  }

  func array<Element>(_ elements: some Collection<Element>) -> UnsafeMutablePointer<Element> {
    let count = elements.count
    let memory = arena.allocate(max(count, 1) * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: max(count, 1))
    var next = memory
    for element in elements {
      next.initialize(to: element)
      next += 1
    }
    return memory
  }

  func pointer<Message>(_ message: Message) -> UnsafeMutablePointer<Message> {
    array(CollectionOfOne(message))
  }

  func list<Message>(
    _ messages: [Message]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Message>?> {
    array(messages.map { Optional(pointer($0)) })
  }

  func texts(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    array(texts.map { Optional(requiredText($0)) })
  }

  func data(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    ProtobufCBinaryData(len: bytes.count, data: array(bytes))
  }

  func pairs(
    _ pairs: [StringPair]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Onnx__StringStringEntryProto>?> {
    list(
      pairs.map { pair in
        var message = Onnx__StringStringEntryProto()
        onnx__string_string_entry_proto__init(&message)
        message.key = requiredText(pair.key)
        message.value = requiredText(pair.value)
        return message
      })
  }

  func opset(_ opset: OpsetImport) -> Onnx__OperatorSetIdProto {
    var message = Onnx__OperatorSetIdProto()
    onnx__operator_set_id_proto__init(&message)
    message.domain = requiredText(opset.domain)
    message.has_version = 1
    message.version = Int64(opset.version)
    return message
  }

  // MARK: Types

  func valueInfo(_ value: Value) -> Onnx__ValueInfoProto {
    var message = Onnx__ValueInfoProto()
    onnx__value_info_proto__init(&message)
    message.name = requiredText(value.name)
    message.type = value.type.map { pointer(type($0)) }
    message.doc_string = text(value.docString)
    message.n_metadata_props = value.metadata.count
    message.metadata_props = pairs(value.metadata)
    return message
  }

  func type(_ type: ValueType) -> Onnx__TypeProto {
    var message = Onnx__TypeProto()
    onnx__type_proto__init(&message)
    message.denotation = type.denotation.map { requiredText($0) }
    switch type.kind {
    case .unspecified: break
    case .tensor(let elementType, let shape):
      var tensor = Onnx__TypeProto__Tensor()
      onnx__type_proto__tensor__init(&tensor)
      tensor.has_elem_type = 1
      tensor.elem_type = elementType.rawValue
      tensor.shape = shape.map { pointer(self.shape($0)) }
      message.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE
      message.tensor_type = pointer(tensor)
    case .sparseTensor(let elementType, let shape):
      var tensor = Onnx__TypeProto__SparseTensor()
      onnx__type_proto__sparse_tensor__init(&tensor)
      tensor.has_elem_type = 1
      tensor.elem_type = elementType.rawValue
      tensor.shape = shape.map { pointer(self.shape($0)) }
      message.value_case = ONNX__TYPE_PROTO__VALUE_SPARSE_TENSOR_TYPE
      message.sparse_tensor_type = pointer(tensor)
    case .sequence(let element):
      var sequence = Onnx__TypeProto__Sequence()
      onnx__type_proto__sequence__init(&sequence)
      sequence.elem_type = pointer(self.type(element))
      message.value_case = ONNX__TYPE_PROTO__VALUE_SEQUENCE_TYPE
      message.sequence_type = pointer(sequence)
    case .optional(let element):
      var optional = Onnx__TypeProto__Optional()
      onnx__type_proto__optional__init(&optional)
      optional.elem_type = pointer(self.type(element))
      message.value_case = ONNX__TYPE_PROTO__VALUE_OPTIONAL_TYPE
      message.optional_type = pointer(optional)
    case .map(let key, let value):
      var map = Onnx__TypeProto__Map()
      onnx__type_proto__map__init(&map)
      map.has_key_type = 1
      map.key_type = key.rawValue
      map.value_type = pointer(self.type(value))
      message.value_case = ONNX__TYPE_PROTO__VALUE_MAP_TYPE
      message.map_type = pointer(map)
    case .opaque(let domain, let name):
      var opaque = Onnx__TypeProto__Opaque()
      onnx__type_proto__opaque__init(&opaque)
      opaque.domain = text(domain)
      opaque.name = text(name)
      message.value_case = ONNX__TYPE_PROTO__VALUE_OPAQUE_TYPE
      message.opaque_type = pointer(opaque)
    }
    return message
  }

  private func shape(_ shape: Shape) -> Onnx__TensorShapeProto {
    var message = Onnx__TensorShapeProto()
    onnx__tensor_shape_proto__init(&message)
    message.n_dim = shape.rank
    message.dim = list(
      shape.dimensions.map { dimension in
        var message = Onnx__TensorShapeProto__Dimension()
        onnx__tensor_shape_proto__dimension__init(&message)
        message.denotation = dimension.denotation.map { requiredText($0) }
        switch dimension.size {
        case .known(let size):
          message.value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
          message.dim_value = Int64(size)
        case .symbolic(let name):
          message.value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
          message.dim_param = requiredText(name)
        case .unknown: break
        }
        return message
      })
    return message
  }
}
