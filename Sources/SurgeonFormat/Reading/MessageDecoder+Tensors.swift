internal import COnnx
internal import SurgeonIR

extension MessageDecoder {
  /// The fields of a TensorProto that hold its elements.
  enum TensorField {
    static let floatData: UInt32 = 4
    static let int32Data: UInt32 = 5
    static let stringData: UInt32 = 6
    static let int64Data: UInt32 = 7
    static let rawData: UInt32 = 9
    static let doubleData: UInt32 = 10
    static let uint64Data: UInt32 = 11
    static let all = FieldSet(4, 5, 6, 7, 9, 10, 11)
  }

  /// A TensorProto: header decoded, elements left where they are.
  ///
  /// - Parameter role: what the tensor is, for messages.
  /// - Throws: `malformedModel` where sizes, type and data do not fit together.
  func tensor(
    _ range: Range<Int>, role: String = "tensor"
  ) throws(SurgeonError) -> (name: String, tensor: Tensor) {
    let skeleton = try skeleton(of: range, cutting: TensorField.all)
    let header = try unpack(skeleton.bytes, onnx__tensor_proto__unpack)
    defer {
      arena.reset()
      file.forget(range)
    }
    let name = string(header.name)
    do {
      let tensor = try tensor(header, data: skeleton.cut, origin: origin(range))
      return (name, tensor)
    } catch {
      var failure = error
      if !name.isEmpty { failure.message = "cannot read \(role) '\(name)'" }
      throw failure
    }
  }

  private func tensor(
    _ header: Onnx__TensorProto, data: [WireField], origin: Origin
  ) throws(SurgeonError) -> Tensor {
    guard let elementType = ElementType(rawValue: header.data_type) else {
      throw unreadable("element type \(header.data_type) is not known")
    }
    let shape = UnsafeBufferPointer(start: header.dims, count: header.n_dims).map { Int($0) }
    guard let count = shape.elementCount else {
      let size = shape.first { $0 < 0 } ?? shape.max() ?? 0
      throw unreadable("a shape with size \(size) cannot be stored")
    }
    guard header.segment == nil else {
      throw unreadable("the tensor is split into segments, which the standard never defined")
    }
    let isExternal = header.data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL
    let storage =
      if isExternal {
        try externalStorage(header, elementType, count: count)
      } else {
        try storage(of: data, elementType, count: count)
      }
    return Tensor(
      elementType: elementType, shape: shape, storage: storage,
      docString: string(header.doc_string), origin: origin)
  }

  /// The elements inside the message. An empty `raw_data` beside another field is passed over.
  private func storage(
    of data: [WireField], _ elementType: ElementType, count: Int
  ) throws(SurgeonError) -> Tensor.Storage {
    let present = data.filter { !$0.payload.isEmpty || $0.number == TensorField.stringData }
    guard let first = present.first else {
      guard count == 0 || elementType == .undefined else {
        throw unreadable(counted(count, elementType, present: 0))
      }
      return elementType == .string ? .strings([]) : .bytes(TensorBytes([]))
    }
    guard present.allSatisfy({ $0.number == first.number }) else {
      throw unreadable("the elements are there twice, in two different fields")
    }
    if elementType == .string {
      guard first.number == TensorField.stringData else {
        throw unreadable("strings are stored as numbers")
      }
      guard present.count == count else {
        throw unreadable(counted(count, elementType, present: present.count))
      }
      return .strings(present.map { Array(file.bytes[$0.payload]) })
    }
    guard let byteCount = elementType.byteCount(of: count) else {
      throw unreadable("\(count.grouped) elements of type \(elementType.name) cannot be stored")
    }
    guard let coding = TypedCoding(field: first.number, elementType) else {
      throw unreadable("\(elementType.name) elements are stored in a field of another type")
    }
    // Fixed-width numbers in one piece are already what a tensor's bytes are.
    if case .fixed = coding, present.count == 1, first.type == .bytes {
      guard first.payload.count == byteCount else {
        let bits = elementType.bitWidth
        throw unreadable(counted(count, elementType, present: first.payload.count * 8 / bits))
      }
      return .bytes(file.tensorBytes(first.payload))
    }
    let spans = present.map(\.payload)
    guard coding.canHold(byteCount, in: spans.reduce(0) { $0 + $1.count }) else {
      throw unreadable(
        "\(count.grouped) elements declared, which \(spans.count) fields cannot hold")
    }
    return .deferred(
      TypedData(
        file: file, spans: spans, coding: coding, byteCount: byteCount,
        declared: "\(count.grouped) \(elementType.name) elements"))
  }

  private func externalStorage(
    _ header: Onnx__TensorProto, _ elementType: ElementType, count: Int
  ) throws(SurgeonError) -> Tensor.Storage {
    guard let byteCount = elementType.byteCount(of: count) else {
      throw unreadable("\(elementType.name) elements cannot be stored in an external file")
    }
    let entries = pairs(header.n_external_data, header.external_data)
    return .deferred(
      try ExternalData(entries, in: externalFiles, byteCount: byteCount))
  }

  /// The file that a TensorProto with external data refers to.
  func externalLocation(_ range: Range<Int>) throws(SurgeonError) -> String? {
    let skeleton = try skeleton(of: range, cutting: TensorField.all)
    let header = try unpack(skeleton.bytes, onnx__tensor_proto__unpack)
    defer { arena.reset() }
    return pairs(header.n_external_data, header.external_data)
      .last { $0.key == "location" }?.value
  }

  /// A SparseTensorProto; the name of a sparse initializer is that of its values.
  func sparseTensor(
    _ range: Range<Int>
  ) throws(SurgeonError) -> (name: String, tensor: SparseTensor) {
    let skeleton = try skeleton(of: range, cutting: FieldSet(1, 2))
    let header = try unpack(skeleton.bytes, onnx__sparse_tensor_proto__unpack)
    let shape = UnsafeBufferPointer(start: header.dims, count: header.n_dims).map { Int($0) }
    arena.reset()
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw unreadable("a sparse tensor has a negative size")
    }
    var parts: [UInt32: (name: String, tensor: Tensor)] = [:]
    for field in skeleton.cut { parts[field.number] = try tensor(field.payload) }
    guard let values = parts[1], let indices = parts[2]?.tensor else {
      throw unreadable("a sparse tensor lacks its values or its indices")
    }
    return (
      values.name,
      SparseTensor(
        values: values.tensor, indices: indices, shape: shape, origin: origin(range))
    )
  }

  private func unreadable(_ detail: String) -> SurgeonError {
    SurgeonError(
      .malformedModel, "cannot read a tensor", detail: detail,
      hint: "re-export the model, or put its external-data file beside it")
  }

  private func counted(_ declared: Int, _ elementType: ElementType, present: Int) -> String {
    "\(declared.grouped) \(elementType.name) elements declared, \(present.grouped) present"
  }
}
