internal import SurgeonIR
internal import SurgeonLibc

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

  /// Writes a .npy file beside `path` and moves it there.
  func write(to path: String) throws(SurgeonError) {
    let temporary = "\(path).\(getpid()).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    var code: Int32 = 0
    for part in [TensorBytes(header), elements] where code == 0 {
      code = part.withUnsafeBytes { Self.write($0, to: descriptor) }
    }
    if close(descriptor) != 0 && code == 0 { code = errno }
    if code == 0 && rename(temporary, path) != 0 { code = errno }
    guard code == 0 else {
      unlink(temporary)
      throw Self.failure(path, code)
    }
  }

  /// 0, or the error number of the write that failed.
  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var done = 0
    while done < bytes.count {
      guard let base = bytes.baseAddress else { return 0 }
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, base + done, bytes.count - done)
      #elseif canImport(Musl)
        let count = Musl.write(descriptor, base + done, bytes.count - done)
      #else
        let count = Darwin.write(descriptor, base + done, bytes.count - done)
      #endif
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      done += count
    }
    return 0
  }

  private static func failure(_ path: String, _ code: Int32) -> SurgeonError {
    SurgeonError(.io, "cannot write '\(path)'", detail: ByteFile.reason(code))
  }
}
