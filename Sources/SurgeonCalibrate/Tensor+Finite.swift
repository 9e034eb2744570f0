internal import SurgeonIR

extension Tensor {
  /// True where every number is finite; integers and strings are.
  func isFinite() throws(SurgeonError) -> Bool {
    guard elementType.isFloatingPoint, elementType.bitWidth >= 16 else { return true }
    guard elementType == .float32 else {
      return try float64Elements()?.allSatisfy(\.isFinite) ?? true
    }
    return try bytes().withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return true }
      // An exponent of ones is NaN or infinity. Without branches and without the buffer's check of
      // each index, so that the loop is a vector: every sample passes through here.
      var found: UInt32 = 0
      for index in 0..<bytes.count / 4 {
        let pattern = base.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
        found |= (pattern & 0x7F80_0000) &+ 0x0080_0000
      }
      return found & 0x8000_0000 == 0
    }
  }
}
