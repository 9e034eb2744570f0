/// A tensor whose elements are whole bytes in memory or in a file, cut into flat pieces.
///
/// For what looks at every number in Float64 and needs no more than a few at a time: all of them
/// together are twice the memory of a Float32 tensor.
package struct TensorPieces: Sendable {
  /// Elements of a piece: what stays in a processor's cache when it is decoded.
  package static let size = 1 << 15

  private let elementType: ElementType
  private let elements: Int
  private let bytes: TensorBytes

  /// - Returns: nil where there would be one piece, or the tensor cannot be cut: bits of several
  ///   elements share a byte, or the numbers are not in the bytes.
  /// - Throws: what reading the tensor throws.
  package init?(of tensor: Tensor) throws(SurgeonError) {
    guard tensor.count > Self.size, tensor.elementType.bitWidth.isMultiple(of: 8),
      tensor.elementType != .string
    else { return nil }
    if case .deferred(let source) = tensor.storage, source.unroundedNumbers != nil { return nil }
    elementType = tensor.elementType
    elements = tensor.count
    bytes = try tensor.bytes()
    bytes.expectReading()
    guard bytes.count == elements * elementType.bitWidth / 8 else { return nil }
  }

  package var count: Int { (elements + Self.size - 1) / Self.size }

  /// The elements from `index * size` on, at most `size` of them.
  package subscript(index: Int) -> Tensor {
    let range = index * Self.size..<min((index + 1) * Self.size, elements)
    let width = elementType.bitWidth / 8
    return Tensor(
      elementType: elementType, shape: [range.count],
      bytes: bytes[range.lowerBound * width..<range.upperBound * width])
  }
}
