internal import SurgeonIR

extension Tensor {
  /// Constants of more elements are never compared with a number: nobody writes 3 that often.
  private static let largestUniform = 1 << 16

  /// True where every element is `number`.
  ///
  /// - Parameter tolerance: absolute; two units in the last place of the type where nil.
  func isUniformly(_ number: Double, tolerance: Double?) throws(SurgeonError) -> Bool {
    guard count > 0, count <= Self.largestUniform else { return false }
    if let numbers = try float64Elements() {
      let bound = tolerance ?? 2 * unitRoundoff * abs(number)
      return numbers.allSatisfy { abs($0 - number) <= bound }
    }
    if let numbers = try intElements() {
      return numbers.allSatisfy { abs(Double($0) - number) <= tolerance ?? 0 }
    }
    return false
  }

  private var unitRoundoff: Double {
    switch elementType {
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    case .float64: 0x1p-52
    default: 0x1p-23
    }
  }

  /// The same type, shape and elements. Tensors whose bytes cannot be read differ.
  func hasSameContents(as other: Tensor) -> Bool {
    guard elementType == other.elementType, shape == other.shape else { return false }
    if case .strings(let a) = storage, case .strings(let b) = other.storage { return a == b }
    guard let a = try? bytes(), let b = try? other.bytes() else { return false }
    return a.equals(b)
  }
}
