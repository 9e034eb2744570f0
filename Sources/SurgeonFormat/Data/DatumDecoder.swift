internal import SurgeonIR

/// Reads the messages of onnx-data.proto.
struct DatumDecoder {
  let file: SourceFile
  /// Values within values; deeper ones are refused before the stack ends.
  private static let depthLimit = 64
  private var depth = 0

  init(file: SourceFile) { self.file = file }

  func datum(_ range: Range<Int>, as kind: ValueType.Kind?) throws(SurgeonError) -> Datum {
    var inner = self
    inner.depth += 1
    guard inner.depth <= Self.depthLimit else {
      throw SurgeonError(.malformedModel, "values are nested more than \(Self.depthLimit) deep")
    }
    switch kind {
    case .tensor, .opaque, .unspecified, nil: return .tensor(try tensor(range))
    case .sequence(let element):
      return .sequence(try inner.elements(range, of: element), elementType: element)
    case .optional(let element):
      return .optional(try inner.elements(range, of: element).first, elementType: element)
    case .map(_, let value): return try inner.map(range, of: value)
    case .sparseTensor:
      throw SurgeonError(.impossible, "sparse tensors in data files are not read")
    }
  }

  /// A TensorProto, read as the only initializer of a model, with all that a model file's are
  /// checked for.
  private func tensor(_ range: Range<Int>) throws(SurgeonError) -> Tensor {
    var message = PieceList()
    message.append(file.bytes[range])
    // A later name overrides an earlier one, and an initializer needs one.
    message.append(field: 8, "value".utf8)
    var graph = PieceList()
    graph.append(field: 5, message)
    var model = PieceList()
    model.append([0x08, 0x0A])  // ir_version = 10
    model.append(field: 7, graph)
    let bytes = model.contents.reduce(into: [UInt8]()) { bytes, content in
      if case .buffer(let range) = content { bytes += model.buffer[range] }
    }
    let read: Model
    do throws(SurgeonError) {
      read = try ModelReader.read(bytes: bytes, name: "the tensor")
    } catch {
      // The model around the tensor is none that the user knows of.
      guard error.code == .malformedModel else { throw error }
      throw SurgeonError(
        .malformedModel, "the file is not a well-formed tensor",
        hint: "it should hold a TensorProto, such as onnx.numpy_helper.from_array makes")
    }
    guard let value = read[read.mainGraph].initializers.first, let tensor = read[value].initializer
    else { throw SurgeonError(.malformedModel, "the file holds no tensor") }
    // An origin is a place of the model made here, of which nobody else knows.
    return Tensor(elementType: tensor.elementType, shape: tensor.shape, storage: tensor.storage)
  }

  /// The values of a SequenceProto or OptionalProto.
  private func elements(
    _ range: Range<Int>, of type: ValueType
  ) throws(SurgeonError) -> [Datum] {
    var elements: [Datum] = []
    for field in try fields(range)
    where (DatumField.tensor...DatumField.optional).contains(field.number) && field.type == .bytes {
      elements.append(try datum(field.payload, as: type.kind))
    }
    return elements
  }

  private func map(_ range: Range<Int>, of type: ValueType) throws(SurgeonError) -> Datum {
    var keyType = ElementType.undefined
    var integers: [Int64] = []
    var strings: [[UInt8]] = []
    var values: [Datum] = []
    for field in try fields(range) {
      switch (field.number, field.type) {
      case (DatumField.keyType, .varint):
        keyType = try ElementType(rawValue: Int32(clamping: number(field.payload))) ?? .undefined
      case (DatumField.keys, .varint):
        integers.append(Int64(bitPattern: try number(field.payload)))
      case (DatumField.keys, .bytes): integers += try packed(field.payload)
      case (DatumField.stringKeys, .bytes): strings.append(Array(file.bytes[field.payload]))
      case (DatumField.mapValues, .bytes): values += try elements(field.payload, of: type)
      default: break
      }
    }
    let keys =
      keyType == .string
      ? Tensor(elementType: .string, shape: [strings.count], storage: .strings(strings))
      : Tensor(integers)
    guard keys.count == values.count else {
      throw SurgeonError(
        .malformedModel, "a map has \(keys.count) keys and \(values.count) values")
    }
    return .map(keys: keys, values: values)
  }

  private func fields(_ range: Range<Int>) throws(SurgeonError) -> [WireField] {
    var reader = WireReader(file.bytes, range)
    var fields: [WireField] = []
    do throws(WireFault) {
      while let field = try reader.next() { fields.append(field) }
    } catch {
      throw Self.malformed(error)
    }
    return fields
  }

  private func number(_ range: Range<Int>) throws(SurgeonError) -> UInt64 {
    var reader = WireReader(file.bytes, range)
    do throws(WireFault) { return try reader.varint() } catch { throw Self.malformed(error) }
  }

  private func packed(_ range: Range<Int>) throws(SurgeonError) -> [Int64] {
    var reader = WireReader(file.bytes, range)
    var numbers: [Int64] = []
    do throws(WireFault) {
      while reader.position < reader.end { numbers.append(Int64(bitPattern: try reader.varint())) }
    } catch {
      throw Self.malformed(error)
    }
    return numbers
  }

  private static func malformed(_ fault: WireFault) -> SurgeonError {
    SurgeonError(
      .malformedModel, "the file is not well formed",
      detail: "at byte \(fault.offset): \(fault.reason)")
  }
}
