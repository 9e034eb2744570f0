internal import SurgeonIR

/// How one of TensorProto's data fields stores elements.
enum TypedCoding {
  /// Little-endian numbers side by side.
  case fixed
  /// One varint for each group of `width` bytes: an element, or several narrow ones packed.
  case varint(width: Int)
  /// One varint for each element of `bits` bits, which are packed when read.
  case packed(bits: Int)

  /// The coding of field `field` for an element type; nil where the standard has none.
  init?(field: UInt32, _ elementType: ElementType) {
    typealias Field = MessageDecoder.TensorField
    switch (field, elementType) {
    case (_, .undefined), (_, .string): return nil
    case (Field.rawData, _): self = .fixed
    case (Field.floatData, .float32), (Field.floatData, .complex64): self = .fixed
    case (Field.doubleData, .float64), (Field.doubleData, .complex128): self = .fixed
    case (Field.int64Data, .int64), (Field.uint64Data, .uint64): self = .varint(width: 8)
    case (Field.uint64Data, .uint32): self = .varint(width: 4)
    case (Field.int32Data, .float6e2m3), (Field.int32Data, .float6e3m2): self = .packed(bits: 6)
    case (Field.int32Data, let type) where type.isStoredAsInt32:
      self = .varint(width: max(type.bitWidth, 8) / 8)
    default: return nil
    }
  }

  /// How the numbers of a constant in a text are stored.
  init?(textOf elementType: ElementType) {
    switch elementType {
    case .float32, .complex64: self = .varint(width: 4)
    case .float64, .complex128: self = .varint(width: 8)
    default:
      typealias Field = MessageDecoder.TensorField
      for field in [Field.int32Data, Field.int64Data, Field.uint64Data] {
        if let coding = TypedCoding(field: field, elementType) {
          self = coding
          return
        }
      }
      return nil
    }
  }

  /// False where so few or so many bytes of the file cannot be `byteCount` bytes of elements.
  func canHold(_ byteCount: Int, in size: Int) -> Bool {
    let count =
      switch self {
      case .fixed: byteCount
      case .varint(let width): byteCount / width
      // At least four elements in three bytes.
      case .packed(let bits): byteCount * 8 / bits
      }
    return size >= max(count - 1, 0) && size / 10 <= count
  }
}

extension ElementType {
  fileprivate var isStoredAsInt32: Bool {
    switch self {
    case .int32, .int16, .int8, .int4, .int2, .uint16, .uint8, .uint4, .uint2, .bool, .float16,
      .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0,
      .float4e2m1:
      true
    default: false
    }
  }
}

/// Elements in a typed field that must be decoded or gathered; done anew each time they are asked
/// for, since such tensors are small.
struct TypedData: TensorSource {
  let file: SourceFile
  /// Where the numbers stand: one span for each packed run, or for each number.
  let spans: [Range<Int>]
  let coding: TypedCoding
  let byteCount: Int
  /// The declared elements, for messages.
  let declared: String

  func load() throws(SurgeonError) -> TensorBytes {
    var packer = TypedPacker(coding)
    for span in spans {
      if case .fixed = coding { packer.append(file.bytes[span]) } else { try decode(span, &packer) }
    }
    let result = packer.finish()
    guard result.count == byteCount else {
      throw SurgeonError(
        .malformedModel, "cannot read a tensor of \(file.path)",
        detail: "\(declared) declared, which take \(byteCount.grouped) bytes;"
          + " \(result.count.grouped) present")
    }
    return TensorBytes(result)
  }

  private func decode(_ span: Range<Int>, _ packer: inout TypedPacker) throws(SurgeonError) {
    var reader = WireReader(file.bytes, span)
    while reader.position < reader.end {
      do {
        packer.append(try reader.varint())
      } catch {
        throw SurgeonError(
          .malformedModel, "cannot read a tensor of \(file.path)",
          detail: "\(error.reason) (byte \(error.offset.grouped))")
      }
    }
  }
}

/// Puts numbers side by side as a tensor's bytes have them.
struct TypedPacker {
  private let coding: TypedCoding
  private var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var held = 0

  init(_ coding: TypedCoding) { self.coding = coding }

  mutating func append(_ span: some Collection<UInt8>) { bytes += span }

  mutating func append(_ number: UInt64) {
    switch coding {
    case .fixed: break
    case .varint(let width):
      for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
    case .packed(let bits):
      pending |= (number & (1 << UInt64(bits) - 1)) << UInt64(held)
      held += bits
      while held >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: pending))
        pending >>= 8
        held -= 8
      }
    }
  }

  consuming func finish() -> [UInt8] {
    if held > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
    return bytes
  }
}
