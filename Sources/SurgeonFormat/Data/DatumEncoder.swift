internal import SurgeonIR

/// Writes the messages of onnx-data.proto.
enum DatumEncoder {
  static func message(_ datum: Datum, name: String) throws(SurgeonError) -> PieceList {
    switch datum {
    case .tensor(let tensor): return try message(tensor, name: name)
    case .sequence(let elements, let type):
      return try list(elements, of: type, name: name)
    case .optional(let element, let type):
      return try list(element.map { [$0] } ?? [], of: type, name: name)
    case .map(let keys, let values): return try map(keys, values, name: name)
    case .sparseTensor:
      throw SurgeonError(.impossible, "sparse tensors are not written to data files")
    }
  }

  private static func message(
    _ tensor: Tensor, name: String
  ) throws(SurgeonError) -> PieceList {
    var message = PieceList()
    for size in tensor.shape { append(1, UInt64(size), to: &message) }
    append(2, UInt64(tensor.elementType.rawValue), to: &message)
    if case .strings(let texts) = tensor.storage {
      for text in texts { message.append(field: 6, text) }
    }
    message.append(field: 8, name.utf8)
    if tensor.elementType != .string {
      var elements = PieceList()
      elements.append(try tensor.bytes())
      message.append(field: 9, elements)
    }
    return message
  }

  /// A SequenceProto, or an OptionalProto, which has the same fields.
  private static func list(
    _ elements: [Datum], of type: ValueType?, name: String
  ) throws(SurgeonError) -> PieceList {
    var message = PieceList()
    if !name.isEmpty { message.append(field: DatumField.name, name.utf8) }
    let kind = elements.first.map(kind) ?? type.map(kind) ?? .undefined
    append(DatumField.elementKind, kind.rawValue, to: &message)
    for element in elements {
      message.append(field: field(of: element), try self.message(element, name: ""))
    }
    return message
  }

  private static func map(
    _ keys: Tensor, _ values: [Datum], name: String
  ) throws(SurgeonError) -> PieceList {
    var message = PieceList()
    if !name.isEmpty { message.append(field: DatumField.name, name.utf8) }
    append(DatumField.keyType, UInt64(keys.elementType.rawValue), to: &message)
    if case .strings(let texts) = keys.storage {
      for text in texts { message.append(field: DatumField.stringKeys, text) }
    } else {
      for key in try keys.intElements() ?? [] {
        append(DatumField.keys, UInt64(bitPattern: Int64(key)), to: &message)
      }
    }
    message.append(field: DatumField.mapValues, try list(values, of: nil, name: ""))
    return message
  }

  private static func field(of datum: Datum) -> UInt32 {
    switch datum {
    case .tensor: DatumField.tensor
    case .sparseTensor: DatumField.sparseTensor
    case .sequence: DatumField.sequence
    case .map: DatumField.map
    case .optional: DatumField.optional
    }
  }

  private static func kind(of datum: Datum) -> DatumField.Kind {
    switch datum {
    case .tensor: .tensor
    case .sparseTensor: .sparseTensor
    case .sequence: .sequence
    case .map: .map
    case .optional: .optional
    }
  }

  private static func kind(of type: ValueType) -> DatumField.Kind {
    switch type.kind {
    case .tensor: .tensor
    case .sparseTensor: .sparseTensor
    case .sequence: .sequence
    case .map: .map
    case .optional: .optional
    case .opaque, .unspecified: .undefined
    }
  }

  /// A field with a number.
  private static func append(_ field: UInt32, _ number: UInt64, to message: inout PieceList) {
    message.appendVarint(UInt64(field) << 3)
    message.appendVarint(number)
  }
}
