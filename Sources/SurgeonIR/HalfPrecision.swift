/// Conversions between the 16-bit floating-point formats and wider ones, by bit patterns.
///
/// `Float16` is not available on every platform that Swift runs on (Intel Macs), and bfloat16 is
/// on none. A Float64 is rounded once: going through Float32 would round twice.
public enum HalfPrecision {
  /// The value of an IEEE 754 binary16 pattern.
  public static func float16(_ pattern: UInt16) -> Float {
    let sign = UInt32(pattern & 0x8000) << 16
    let exponent = UInt32(pattern >> 10) & 0x1F
    let fraction = UInt32(pattern & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The value of a bfloat16 pattern.
  public static func bfloat16(_ pattern: UInt16) -> Float {
    Float(bitPattern: UInt32(pattern) << 16)
  }

  /// The binary16 pattern nearest to `value`, ties to even.
  public static func float16Pattern(_ value: Double) -> UInt16 {
    round(value, fractionBits: 10, exponentBits: 5)
  }

  /// The bfloat16 pattern nearest to `value`, ties to even.
  public static func bfloat16Pattern(_ value: Double) -> UInt16 {
    round(value, fractionBits: 7, exponentBits: 8)
  }

  private static func round(_ value: Double, fractionBits: Int, exponentBits: Int) -> UInt16 {
    let bias = 1 << (exponentBits - 1) - 1
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let infinity = UInt16((1 << exponentBits - 1) << fractionBits)
    if value.isNaN { return sign | infinity | UInt16(1 << (fractionBits - 1)) }
    let magnitude = value.magnitude
    if magnitude == 0 { return sign }
    if magnitude.isInfinite { return sign | infinity }
    // In units of the last place at this exponent the rounding is that of an integer; subnormal
    // results share the smallest exponent. A carry moves into the exponent by itself.
    let exponent = max(Int(magnitude.exponent), 1 - bias)
    let units = Double(sign: .plus, exponent: fractionBits - exponent, significand: magnitude)
      .rounded(.toNearestOrEven)
    let steps = Int(units) - (1 << fractionBits) + ((exponent + bias) << fractionBits)
    return sign | UInt16(min(steps, Int(infinity)))
  }
}
