internal import SurgeonIR

extension Tensor {
  /// True where every element is `number`.
  ///
  /// A constant that differs is found out by its first element; one that does not is read in
  /// blocks, so that a mask of any size costs no memory.
  ///
  /// - Parameter tolerance: absolute; two units in the last place of the type where nil.
  func isUniformly(_ number: Double, tolerance: Double?) throws(SurgeonError) -> Bool {
    guard count > 0, elementType != .string else { return false }
    guard elementType.bitWidth >= 8, elementType.bitWidth % 8 == 0 else {
      return try holdsOnly(number, tolerance: tolerance)
    }
    let data = try bytes()
    let width = elementType.bitWidth / 8
    guard data.count == count * width else { return false }
    var start = 0
    while start < count {
      let size = start == 0 ? 1 : min(count - start, Self.blockSize)
      let block = Tensor(
        elementType: elementType, shape: [size],
        bytes: data[(start * width)..<((start + size) * width)])
      guard try block.holdsOnly(number, tolerance: tolerance) else { return false }
      start += size
    }
    return true
  }

  /// True where the elements are these, within two units in the last place of the type.
  func holds(_ numbers: [Double]) throws(SurgeonError) -> Bool {
    guard count == numbers.count, elementType != .string else { return false }
    if let found = try float64Elements() {
      return zip(found, numbers).allSatisfy { abs($0 - $1) <= 2 * unitRoundoff * abs($1) }
    }
    return try intElements()?.elementsEqual(numbers) { Double($0) == $1 } ?? false
  }

  private static let blockSize = 1 << 14

  private func holdsOnly(_ number: Double, tolerance: Double?) throws(SurgeonError) -> Bool {
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
