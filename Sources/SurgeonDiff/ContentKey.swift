internal import SurgeonIR

/// Comparing constants without decoding them.
///
/// For finding the counterpart of a constant a key suffices: type, shape, and a sample of the
/// bytes. Whether counterparts are equal is decided over all bytes, once per pair.
enum ContentKey {
  /// Tensors up to this size are hashed whole; of larger ones, three pieces of a third of it.
  static let sampleSize = 6144

  static func of(_ tensor: Tensor) throws(SurgeonError) -> UInt64 {
    var hash = StableHash()
    try hash.combine(tensor) { bytes, hash in
      bytes.withUnsafeBytes { all in
        guard all.count > sampleSize else { return hash.combine(all) }
        let piece = sampleSize / 3
        for start in [0, (all.count - piece) / 2, all.count - piece] {
          hash.combine(UnsafeRawBufferPointer(rebasing: all[start..<(start + piece)]))
        }
      }
    }
    return hash.value
  }

  /// nil for what is no constant.
  static func of(_ value: Value.ID, in model: Model) throws(SurgeonError) -> UInt64? {
    if let tensor = model[value].initializer { return try of(tensor) }
    if let tensor = model[value].sparseInitializer { return try of(tensor) }
    return nil
  }

  static func of(_ tensor: SparseTensor) throws(SurgeonError) -> UInt64 {
    var hash = StableHash()
    hash.combine(try of(tensor.values))
    hash.combine(try of(tensor.indices))
    for size in tensor.shape { hash.combine(size) }
    return hash.value
  }

  /// True where type, shape and every byte agree. (So 0 and -0 differ, and a NaN equals itself.)
  static func areEqual(_ a: Tensor, _ b: Tensor) throws(SurgeonError) -> Bool {
    guard a.elementType == b.elementType, a.shape == b.shape else { return false }
    switch (a.storage, b.storage) {
    case (.strings(let x), .strings(let y)): return x == y
    case (.strings, _), (_, .strings): return false
    default: return ByteComparison.areEqual([(try a.bytes(), try b.bytes())])[0]
    }
  }

  static func areEqual(_ a: SparseTensor, _ b: SparseTensor) throws(SurgeonError) -> Bool {
    guard a.shape == b.shape else { return false }
    guard try areEqual(a.values, b.values) else { return false }
    return try areEqual(a.indices, b.indices)
  }
}
