public import SurgeonIR

/// A hash over everything that a constant is: element type, shape, every byte.
public enum ContentHash {
  /// The same in every process and on every platform.
  ///
  /// - Throws: what reading the tensor throws.
  public static func of(_ tensor: Tensor) throws(SurgeonError) -> UInt64 {
    var hash = StableHash()
    hash.combine(Int(tensor.elementType.rawValue))
    for size in tensor.shape { hash.combine(size) }
    if case .strings(let texts) = tensor.storage {
      for text in texts { text.withUnsafeBytes { hash.combine($0) } }
      return hash.value
    }
    try tensor.bytes().withUnsafeBytes { hash.combine($0) }
    return hash.value
  }
}
