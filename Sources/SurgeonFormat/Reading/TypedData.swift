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
    var result: [UInt8] = []
    result.reserveCapacity(byteCount + 8)
    switch coding {
    case .fixed: for span in spans { result += file.bytes[span] }
    case .varint(let width):
      try eachNumber { number in
        for byte in 0..<width { result.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
      }
    case .packed(let bits):
      var pending: UInt64 = 0
      var held = 0
      try eachNumber { number in
        pending |= (number & (1 << UInt64(bits) - 1)) << UInt64(held)
        held += bits
        while held >= 8 {
          result.append(UInt8(truncatingIfNeeded: pending))
          pending >>= 8
          held -= 8
        }
      }
      if held > 0 { result.append(UInt8(truncatingIfNeeded: pending)) }
    }
    guard result.count == byteCount else {
      throw SurgeonError(
        .malformedModel, "cannot read a tensor of \(file.path)",
        detail: "\(declared) declared, which take \(byteCount.grouped) bytes;"
          + " \(result.count.grouped) present")
    }
    return TensorBytes(result)
  }

  private func eachNumber(_ body: (UInt64) -> Void) throws(SurgeonError) {
    for span in spans {
      var reader = WireReader(file.bytes, span)
      while reader.position < reader.end {
        do {
          body(try reader.varint())
        } catch {
          throw SurgeonError(
            .malformedModel, "cannot read a tensor of \(file.path)",
            detail: "\(error.reason) (byte \(error.offset.grouped))")
        }
      }
    }
  }
}
