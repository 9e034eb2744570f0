internal import SurgeonIR

/// The elements of a constant as ONNX's textual syntax writes them.
///
/// Types that have no literals of their own are written as the onnx package's parser stores what it
/// reads: half-precision and 8-bit floats as bit patterns, types narrower than a byte as the bytes
/// that several elements share (6-bit floats one by one), complex numbers as two numbers each.
struct TextElements {
  let tensor: Tensor

  init(_ tensor: Tensor) { self.tensor = tensor }

  var words: [String] {
    get throws(SurgeonError) {
      if case .strings(let strings) = tensor.storage { return strings.map(TextWords.quoted) }
      switch tensor.elementType {
      case .float32, .complex64:
        return (try numbers(Float.self)).map { TextWords.number(Double($0), "\($0)") }
      case .float64, .complex128:
        return (try numbers(Double.self)).map { TextWords.number($0, "\($0)") }
      case .uint64: return (try numbers(UInt64.self)).map { "\($0)" }
      case .float6e2m3, .float6e3m2: return try sixBitPatterns().map { "\($0)" }
      default:
        if let integers = try tensor.intElements() { return integers.map { "\($0)" } }
        return try patterns(width: max(tensor.elementType.bitWidth, 8) / 8).map { "\($0)" }
      }
    }
  }

  /// The numbers side by side, whatever shape they form; two for a complex element.
  private func numbers<T: Scalar>(_ type: T.Type) throws(SurgeonError) -> [T] {
    let count = try tensor.bytes().count / MemoryLayout<T>.stride
    let plain = Tensor(elementType: T.elementType, shape: [count], storage: tensor.storage)
    return try plain.elements(as: T.self) ?? []
  }

  private func patterns(width: Int) throws(SurgeonError) -> [UInt64] {
    try tensor.bytes().withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count - bytes.count % width, by: width).map { start in
        (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
      }
    }
  }

  private func sixBitPatterns() throws(SurgeonError) -> [UInt8] {
    let count = tensor.count
    return try tensor.bytes().withUnsafeBytes { bytes in
      (0..<count).map { index in
        let (byte, shift) = (index * 6 / 8, index * 6 % 8)
        let next = byte + 1 < bytes.count ? UInt16(bytes[byte + 1]) : 0
        return UInt8((UInt16(bytes[byte]) | next << 8) >> shift & 0x3F)
      }
    }
  }
}
