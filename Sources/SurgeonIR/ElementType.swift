/// The element type of a tensor.
///
/// The raw values are those of the ONNX standard's `TensorProto.DataType`, so that an attribute
/// such as Cast's `to` can be read as an element type without a table.
public enum ElementType: Int32, Hashable, Sendable, CaseIterable {
  case undefined = 0
  case float32 = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case string = 8
  case bool = 9
  case float16 = 10
  case float64 = 11
  case uint32 = 12
  case uint64 = 13
  case complex64 = 14
  case complex128 = 15
  case bfloat16 = 16
  case float8e4m3fn = 17
  case float8e4m3fnuz = 18
  case float8e5m2 = 19
  case float8e5m2fnuz = 20
  case uint4 = 21
  case int4 = 22
  case float4e2m1 = 23
  case float8e8m0 = 24
  case uint2 = 25
  case int2 = 26
  case float6e2m3 = 27
  case float6e3m2 = 28

  /// Bits that one element takes in a tensor's bytes; 0 for strings and for `undefined`.
  ///
  /// Types narrower than a byte are packed, the first element in the low bits.
  public var bitWidth: Int {
    switch self {
    case .undefined, .string: 0
    case .uint2, .int2: 2
    case .uint4, .int4, .float4e2m1: 4
    case .float6e2m3, .float6e3m2: 6
    case .uint8, .int8, .bool, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0:
      8
    case .uint16, .int16, .float16, .bfloat16: 16
    case .float32, .int32, .uint32: 32
    case .float64, .int64, .uint64, .complex64: 64
    case .complex128: 128
    }
  }

  /// Bytes that `count` elements take; nil for strings, `undefined` and a product that overflows.
  public func byteCount(of count: Int) -> Int? {
    guard bitWidth > 0, count >= 0 else { return nil }
    let (bits, overflow) = count.multipliedReportingOverflow(by: bitWidth)
    return overflow ? nil : bits / 8 + (bits % 8 == 0 ? 0 : 1)
  }

  /// True for the real floating-point types, those of 4, 6 and 8 bits included.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float6e2m3, .float6e3m2, .float4e2m1, .float8e8m0:
      true
    default: false
    }
  }

  /// The name that the standard's text syntax uses, such as `float` or `int64`.
  public var name: String {
    switch self {
    case .undefined: "undefined"
    case .float32: "float"
    case .float64: "double"
    case .string: "string"
    case .bool: "bool"
    case .uint8: "uint8"
    case .int8: "int8"
    case .uint16: "uint16"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .float16: "float16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .complex64: "complex64"
    case .complex128: "complex128"
    case .bfloat16: "bfloat16"
    case .float8e4m3fn: "float8e4m3fn"
    case .float8e4m3fnuz: "float8e4m3fnuz"
    case .float8e5m2: "float8e5m2"
    case .float8e5m2fnuz: "float8e5m2fnuz"
    case .uint4: "uint4"
    case .int4: "int4"
    case .float4e2m1: "float4e2m1"
    case .float8e8m0: "float8e8m0"
    case .uint2: "uint2"
    case .int2: "int2"
    case .float6e2m3: "float6e2m3"
    case .float6e3m2: "float6e3m2"
    }
  }

  /// The element type with the given name of the text syntax, or nil.
  public init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}
