public import SurgeonIR
internal import SurgeonThreads

/// A hash over everything that a constant is: element type, shape, every byte.
public enum ContentHash {
  /// Larger constants are hashed in pieces of this size, which all processors share.
  private static let pieceSize = 1 << 22

  /// The same in every process and on every platform.
  ///
  /// - Throws: what reading the tensor throws.
  public static func of(_ tensor: Tensor) throws(SurgeonError) -> UInt64 {
    var hash = StableHash()
    try hash.combine(tensor) { bytes, hash in
      bytes.expectReading()
      if bytes.count <= pieceSize {
        bytes.withUnsafeBytes { hash.combine($0) }
      } else {
        for piece in hashesOfPieces(bytes) { hash.combine(piece) }
      }
    }
    return hash.value
  }

  private static func hashesOfPieces(_ bytes: TensorBytes) -> [UInt64] {
    let count = (bytes.count + pieceSize - 1) / pieceSize
    return [UInt64](unsafeUninitializedCapacity: count) { hashes, initialized in
      ThreadPool.shared.run(count: count, threads: 0) { index in
        let start = index * pieceSize
        var hash = StableHash()
        bytes[start..<min(start + pieceSize, bytes.count)].withUnsafeBytes { hash.combine($0) }
        hashes.initializeElement(at: index, to: hash.value)
      }
      initialized = count
    }
  }
}
