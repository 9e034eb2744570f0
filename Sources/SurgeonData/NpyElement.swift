internal import SurgeonIR

/// The element type of a .npy array: what its `descr` such as `<f4` says.
struct NpyElement: Equatable {
  enum Kind: Equatable {
    /// A type whose bytes are those of a tensor.
    case number(ElementType)
    /// `S`: bytes padded with zeros.
    case byteString
    /// `U`: UTF-32 padded with zeros.
    case unicodeString
    /// `V`: bytes of a type that NumPy does not know, as ml_dtypes saves bfloat16 and float8.
    case opaque
  }

  var kind: Kind
  /// Bytes per element.
  var width: Int
  var isBigEndian: Bool

  init(descriptor: String) throws(SurgeonError) {
    let characters = Array(descriptor)
    guard characters.count >= 3, "<>|=".contains(characters[0]),
      let size = Int(String(characters[2...])), size >= 0, size <= 1 << 24
    else { throw Self.unsupported(descriptor) }
    isBigEndian = characters[0] == ">"
    width = size
    switch (characters[1], size) {
    case ("f", 2): kind = .number(.float16)
    case ("f", 4): kind = .number(.float32)
    case ("f", 8): kind = .number(.float64)
    case ("i", 1): kind = .number(.int8)
    case ("i", 2): kind = .number(.int16)
    case ("i", 4): kind = .number(.int32)
    case ("i", 8): kind = .number(.int64)
    case ("u", 1): kind = .number(.uint8)
    case ("u", 2): kind = .number(.uint16)
    case ("u", 4): kind = .number(.uint32)
    case ("u", 8): kind = .number(.uint64)
    case ("b", 1): kind = .number(.bool)
    case ("c", 8): kind = .number(.complex64)
    case ("c", 16): kind = .number(.complex128)
    case ("S", _), ("a", _): kind = .byteString
    case ("U", _):
      kind = .unicodeString
      width = 4 * size
    case ("V", 1), ("V", 2): kind = .opaque
    default: throw Self.unsupported(descriptor)
    }
  }

  /// The element type of a tensor made of these bytes; `wanted` (the model's) decides for opaque
  /// ones. Nil where they cannot be of the wanted type.
  func elementType(wanted: ElementType?) -> ElementType? {
    switch kind {
    case .number(let type): return type
    case .byteString, .unicodeString: return .string
    case .opaque:
      switch wanted {
      case .bfloat16: return width == 2 ? .bfloat16 : nil
      case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0:
        return width == 1 ? wanted : nil
      default: return nil
      }
    }
  }

  /// Bytes per number that a byte order applies to: half an element for complex ones.
  var swapWidth: Int {
    switch kind {
    case .number(.complex64): 4
    case .number(.complex128): 8
    case .number: width
    case .unicodeString: 4
    case .byteString, .opaque: 1
    }
  }

  /// The `descr` of a numeric tensor's bytes; nil for types that NumPy has no bytes for.
  static func descriptor(of type: ElementType) -> String? {
    switch type {
    case .float16: "<f2"
    case .float32: "<f4"
    case .float64: "<f8"
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .bool: "|b1"
    case .complex64: "<c8"
    case .complex128: "<c16"
    case .bfloat16: "<V2"
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0: "|V1"
    case .uint4, .int4, .float4e2m1, .float6e2m3, .float6e3m2, .uint2, .int2, .string, .undefined:
      nil
    }
  }

  private static func unsupported(_ descriptor: String) -> SurgeonError {
    SurgeonError(
      .invalidData, "the array's type '\(descriptor)' is no tensor type",
      hint: descriptor.contains("O")
        ? "an object array is a pickle: convert it with .astype() before saving" : nil)
  }
}
