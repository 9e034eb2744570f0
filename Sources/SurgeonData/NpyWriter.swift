internal import SurgeonFormat
internal import SurgeonIR

/// A tensor as the bytes of a .npy file.
struct NpyEncoding {
  let header: [UInt8]
  let elements: TensorBytes

  /// - Throws: `invalidData` for a type that NumPy has no bytes for (4 and 2 bits), and what
  ///   reading the elements throws.
  init(_ tensor: Tensor, name: String) throws(SurgeonError) {
    if case .strings(let texts) = tensor.storage {
      let scalars = texts.map { Array(String(decoding: $0, as: UTF8.self).unicodeScalars) }
      let width = max(1, scalars.map(\.count).max() ?? 1)
      header = NpyHeader.serialize(descriptor: "<U\(width)", shape: tensor.shape)
      elements = TensorBytes(count: 4 * width * scalars.count) { target in
        target.initializeMemory(as: UInt8.self, repeating: 0)
        for (index, text) in scalars.enumerated() {
          for (position, scalar) in text.enumerated() {
            target.storeBytes(
              of: scalar.value.littleEndian, toByteOffset: 4 * (index * width + position),
              as: UInt32.self)
          }
        }
      }
      return
    }
    guard let descriptor = NpyElement.descriptor(of: tensor.elementType) else {
      throw SurgeonError(
        .invalidData, "'\(name)' is \(tensor.elementType.name), which .npy cannot hold",
        hint: "write .pb files, which hold every type")
    }
    header = NpyHeader.serialize(descriptor: descriptor, shape: tensor.shape)
    elements = try tensor.bytes()
  }

  /// Writes a .npy file; one that is there is replaced once the new one is complete.
  func write(to path: String) throws(SurgeonError) {
    try WholeFile.write([TensorBytes(header), elements], to: path)
  }
}
