/// xoshiro256** of Blackman and Vigna, seeded through splitmix64: the same numbers on every
/// platform.
public struct RandomGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(seed: UInt64) {
    var mixed = seed
    func next() -> UInt64 {
      mixed &+= 0x9E37_79B9_7F4A_7C15
      var z = mixed
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  public mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = (product << 7 | product >> 57) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// A number of mean 0 and variance 1, close to normal, within 6 standard deviations.
  ///
  /// The sum of twelve uniform numbers, in integers: the logarithms and cosines of the usual
  /// methods differ between C libraries in their last digits.
  public mutating func nextNormal() -> Double {
    var sum: UInt64 = 0
    for _ in 0..<3 {
      let bits = next()
      sum += bits & 0xFFFF
      sum += bits >> 16 & 0xFFFF
      sum += bits >> 32 & 0xFFFF
      sum += bits >> 48
    }
    // The sum is a multiple of 2^-16; a thirteenth number fills the digits below that.
    let below = Double(next() >> 28) * 0x1p-36 - 0.5
    return (Double(sum) - 12 * 32_767.5 + below) * 0x1p-16
  }
}
