internal import SurgeonIR

/// A floating-point format of at most 8 bits: float8 (Micikevicius et al. 2022 and the FNUZ
/// variants of Noune et al. 2022), float4, float6 and float8e8m0 (OCP Microscaling Formats 1.0).
struct MiniFloat: Sendable {
  let exponentBits: Int
  let fractionBits: Int
  let bias: Int
  /// The code of the largest finite value.
  let largest: UInt8
  /// The code of infinity, where the format has one.
  let infinity: UInt8?
  /// A code of "not a number", where the format has one.
  let nan: UInt8?
  /// True where the code of -0 means "not a number".
  let isUnsignedZero: Bool
  let hasSign: Bool

  init?(_ type: ElementType) {
    hasSign = type != .float8e8m0
    switch type {
    case .float8e4m3fn:
      (exponentBits, fractionBits, bias) = (4, 3, 7)
      (largest, infinity, nan, isUnsignedZero) = (0x7E, nil, 0x7F, false)
    case .float8e4m3fnuz:
      (exponentBits, fractionBits, bias) = (4, 3, 8)
      (largest, infinity, nan, isUnsignedZero) = (0x7F, nil, 0x80, true)
    case .float8e5m2:
      (exponentBits, fractionBits, bias) = (5, 2, 15)
      (largest, infinity, nan, isUnsignedZero) = (0x7B, 0x7C, 0x7E, false)
    case .float8e5m2fnuz:
      (exponentBits, fractionBits, bias) = (5, 2, 16)
      (largest, infinity, nan, isUnsignedZero) = (0x7F, nil, 0x80, true)
    case .float4e2m1:
      (exponentBits, fractionBits, bias) = (2, 1, 1)
      (largest, infinity, nan, isUnsignedZero) = (0x7, nil, nil, false)
    case .float6e2m3:
      (exponentBits, fractionBits, bias) = (2, 3, 1)
      (largest, infinity, nan, isUnsignedZero) = (0x1F, nil, nil, false)
    case .float6e3m2:
      (exponentBits, fractionBits, bias) = (3, 2, 3)
      (largest, infinity, nan, isUnsignedZero) = (0x1F, nil, nil, false)
    case .float8e8m0:
      (exponentBits, fractionBits, bias) = (8, 0, 127)
      (largest, infinity, nan, isUnsignedZero) = (0xFE, nil, 0xFF, false)
    default: return nil
    }
  }

  private var signBit: UInt8 { hasSign ? 1 << UInt8(exponentBits + fractionBits) : 0 }

  /// The value that a code means.
  func decode(_ code: UInt8) -> Double {
    guard hasSign else {
      return code == 0xFF ? .nan : Double(sign: .plus, exponent: Int(code) - bias, significand: 1)
    }
    if isUnsignedZero, code == signBit { return .nan }
    let magnitude = code & ~signBit
    let isNegative = code & signBit != 0
    if let infinity, magnitude == infinity { return isNegative ? -.infinity : .infinity }
    if magnitude > largest { return .nan }
    let exponent = Int(magnitude >> UInt8(fractionBits))
    let fraction = Double(magnitude & UInt8(1 << fractionBits - 1))
    let scale = Double(1 << fractionBits)
    let value =
      exponent == 0
      ? Double(sign: .plus, exponent: 1 - bias, significand: 1) * (fraction / scale)
      : Double(sign: .plus, exponent: exponent - bias, significand: 1) * (1 + fraction / scale)
    return isNegative ? -value : value
  }

  /// The code nearest to `value`, ties to even. Beyond the largest value that code is chosen where
  /// `saturates`, infinity or "not a number" otherwise.
  func encode(_ value: Double, saturates: Bool) -> UInt8 {
    let sign = value.sign == .minus ? signBit : 0
    // A format without "not a number" takes -0 for it.
    if value.isNaN { return nan.map { isUnsignedZero ? $0 : $0 | sign } ?? signBit }
    let overflow: UInt8
    if saturates || nan == nil {
      overflow = largest | sign
    } else if let infinity {
      overflow = infinity | sign
    } else {
      overflow = isUnsignedZero ? nan ?? largest : (nan ?? largest) | sign
    }
    let magnitude = value.magnitude
    if magnitude.isInfinite { return overflow }
    let zero = isUnsignedZero ? 0 : sign
    if magnitude == 0 { return zero }
    let exponent = max(Int(magnitude.exponent), 1 - bias)
    let units = Double(sign: .plus, exponent: fractionBits - exponent, significand: magnitude)
      .rounded(.toNearestOrEven)
    let code = Int(units) - (1 << fractionBits) + ((exponent + bias) << fractionBits)
    if code > Int(largest) { return overflow }
    return code == 0 ? zero : UInt8(code) | sign
  }

  /// The power of two for a positive value in float8e8m0.
  ///
  /// - Parameter rounding: "up", "down" or "nearest" (to the nearer power, halves up).
  static func encodeScale(_ value: Double, saturates: Bool, rounding: String) -> UInt8 {
    if value.isNaN { return 0xFF }
    let magnitude = value.magnitude
    if magnitude == 0 { return saturates ? 0 : 0xFF }
    if magnitude.isInfinite { return saturates ? 0xFE : 0xFF }
    var exponent = Int(magnitude.exponent)
    let significand = magnitude.significand
    switch rounding {
    case "down": break
    case "nearest": if significand >= 1.5 { exponent += 1 }
    default: if significand > 1 { exponent += 1 }
    }
    if exponent < -127 { return saturates ? 0 : 0xFF }
    if exponent > 127 { return saturates ? 0xFE : 0xFF }
    return UInt8(exponent + 127)
  }
}
