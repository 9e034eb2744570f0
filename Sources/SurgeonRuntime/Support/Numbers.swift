internal import SurgeonIR

/// The elements of a tensor in the widest type of their kind, for operators that are not worth a
/// loop for each element type.
enum Numbers {
  /// Integers and truth values; unsigned 64-bit numbers as their bits.
  case integers([Int64], isUnsigned: Bool)
  case reals([Double])
  case strings([[UInt8]])

  init(_ tensor: Tensor) throws(SurgeonError) {
    func integers<T: FixedWidthInteger & BitwiseCopyable>(
      _ type: T.Type
    ) throws(SurgeonError) -> Numbers {
      let view = try tensor.view(as: T.self)
      return .integers(
        (0..<view.count).map { Int64(truncatingIfNeeded: view.base[$0]) }, isUnsigned: !T.isSigned)
    }
    let type = tensor.elementType
    switch type {
    case .float32: self = .reals(try tensor.view(as: Float.self).elements.map(Double.init))
    case .float64: self = .reals(try tensor.view(as: Double.self).elements)
    case .float16, .bfloat16:
      self = .reals(try tensor.widened().view(as: Float.self).elements.map(Double.init))
    case .int8: self = try integers(Int8.self)
    case .int16: self = try integers(Int16.self)
    case .int32: self = try integers(Int32.self)
    case .int64: self = try integers(Int64.self)
    case .uint8: self = try integers(UInt8.self)
    case .uint16: self = try integers(UInt16.self)
    case .uint32: self = try integers(UInt32.self)
    case .uint64: self = try integers(UInt64.self)
    case .bool:
      self = .integers(
        try tensor.view(as: UInt8.self).elements.map { $0 == 0 ? 0 : 1 }, isUnsigned: true)
    case .uint4, .uint2:
      let codes = try tensor.unpacked().view(as: UInt8.self).elements
      self = .integers(codes.map { Int64($0) }, isUnsigned: true)
    case .int4, .int2:
      let shift = UInt8(8 - type.bitWidth)
      let codes = try tensor.unpacked().view(as: UInt8.self).elements
      self = .integers(
        codes.map { Int64(Int8(bitPattern: $0 << shift) >> Int8(shift)) }, isUnsigned: false)
    case .string: self = .strings(try tensor.strings())
    case .complex64, .complex128, .undefined:
      throw SurgeonError(
        .unsupportedOperator, "elements of type \(type.name) cannot be converted")
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1,
      .float6e2m3, .float6e3m2:
      guard let format = MiniFloat(type) else {
        throw SurgeonError(.broken, "\(type.name) has no format")
      }
      let codes = type.bitWidth < 8 ? try tensor.unpacked() : tensor
      let table = (0...255).map { format.decode(UInt8($0)) }
      self = .reals(try codes.view(as: UInt8.self).elements.map { table[Int($0)] })
    }
  }

  /// The numbers as Float64; nil for strings.
  var doubles: [Double]? {
    switch self {
    case .integers(let values, let isUnsigned):
      isUnsigned ? values.map { Double(UInt64(bitPattern: $0)) } : values.map(Double.init)
    case .reals(let values): values
    case .strings: nil
    }
  }
}

extension Tensor {
  /// The elements of any real or integer tensor as Float64.
  func doubles() throws(SurgeonError) -> [Double] {
    guard let numbers = try Numbers(self).doubles else {
      throw SurgeonError(.invalidNode, "strings stand where numbers are needed")
    }
    return numbers
  }

  /// A tensor of any numeric type from Float64 numbers: rounded to nearest for floating-point
  /// types, toward zero and clamped for integers.
  static func converting(
    _ numbers: [Double], to type: ElementType, shape: [Int], saturates: Bool = true
  ) throws(SurgeonError) -> Tensor {
    func integers<T: Arithmetic>(_ type: T.Type) -> Tensor {
      Tensor(numbers.map { T(converting: $0) }, shape: shape)
    }
    switch type {
    case .float64, .float32, .float16, .bfloat16:
      return Tensor(rounding: numbers, to: type, shape: shape)
    case .int8: return integers(Int8.self)
    case .int16: return integers(Int16.self)
    case .int32: return integers(Int32.self)
    case .int64: return integers(Int64.self)
    case .uint8: return integers(UInt8.self)
    case .uint16: return integers(UInt16.self)
    case .uint32: return integers(UInt32.self)
    case .uint64: return integers(UInt64.self)
    case .bool:
      let codes = Tensor(numbers.map { UInt8($0 == 0 ? 0 : 1) }, shape: shape)
      return Tensor(elementType: .bool, shape: shape, bytes: try codes.bytes())
    case .uint4, .int4, .uint2, .int2:
      let bits = type.bitWidth
      let isSigned = type == .int4 || type == .int2
      let low = isSigned ? -Double(1 << (bits - 1)) : 0
      let high = Double((1 << (isSigned ? bits - 1 : bits)) - 1)
      let codes = numbers.map { number -> UInt8 in
        number.isNaN ? 0 : UInt8(truncatingIfNeeded: Int(min(max(number, low), high)))
      }
      return try Tensor(codes, shape: shape).packed(as: type)
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1,
      .float6e2m3, .float6e3m2:
      guard let format = MiniFloat(type) else {
        throw SurgeonError(.broken, "\(type.name) has no format")
      }
      let codes = numbers.map { number in
        type == .float8e8m0
          ? MiniFloat.encodeScale(number, saturates: saturates, rounding: "up")
          : format.encode(number, saturates: saturates)
      }
      let tensor = Tensor(codes, shape: shape)
      if type.bitWidth < 8 { return try tensor.packed(as: type) }
      return Tensor(elementType: type, shape: shape, bytes: try tensor.bytes())
    case .string, .complex64, .complex128, .undefined:
      throw SurgeonError(.unsupportedOperator, "numbers cannot be converted to \(type.name)")
    }
  }

  /// A tensor of an integer type from wide integers, whose higher bits are discarded.
  static func truncating(
    _ numbers: [Int64], to type: ElementType, shape: [Int]
  ) throws(SurgeonError) -> Tensor {
    func integers<T: FixedWidthInteger & Scalar>(_ type: T.Type) -> Tensor {
      Tensor(numbers.map { T(truncatingIfNeeded: $0) }, shape: shape)
    }
    switch type {
    case .int8: return integers(Int8.self)
    case .int16: return integers(Int16.self)
    case .int32: return integers(Int32.self)
    case .int64: return Tensor(numbers, shape: shape)
    case .uint8: return integers(UInt8.self)
    case .uint16: return integers(UInt16.self)
    case .uint32: return integers(UInt32.self)
    case .uint64: return integers(UInt64.self)
    case .uint4, .int4, .uint2, .int2: return try integers(UInt8.self).packed(as: type)
    default:
      return try converting(numbers.map(Double.init), to: type, shape: shape)
    }
  }
}
