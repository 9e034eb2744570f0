/// Numbers that look random and are the same every time, on every machine: the generator
/// "quick and dirty" of Press et al., Numerical Recipes (1992), section 7.1.
public struct Noise {
  private var state: UInt32

  public init(seed: Int = 1) { state = UInt32(truncatingIfNeeded: seed) }

  /// Sixteen bits: the lower ones of the state repeat themselves too soon.
  public mutating func nextBits() -> Int {
    state = state &* 1_664_525 &+ 1_013_904_223
    return Int(state >> 16)
  }

  /// A number from 0 up to, but not including, 1.
  public mutating func next<T: BinaryFloatingPoint>() -> T { T(nextBits()) / 65536 }

  /// Numbers from -0.5 up to, but not including, 0.5.
  public static func centred(_ count: Int, seed: Int = 7) -> [Float] {
    var noise = Noise(seed: seed)
    return (0..<count).map { _ in noise.next() - 0.5 }
  }

  /// The same as ONNX's text syntax writes the elements of a tensor.
  public static func literal(_ count: Int, seed: Int) -> String {
    "{" + centred(count, seed: seed).map { "\($0)" }.joined(separator: ", ") + "}"
  }
}
