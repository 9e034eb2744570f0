internal import CZip
public import SurgeonIR

/// Whole .npz archives: tensors by name.
public enum Npz {
  /// Every array of an archive, in its order.
  ///
  /// - Throws: `io` or `invalidData`.
  public static func read(
    _ path: String
  ) throws(SurgeonError) -> [(name: String, tensor: Tensor)] {
    let archive = try NpzArchive(path: path)
    var tensors: [(name: String, tensor: Tensor)] = []
    for name in archive.names {
      guard let array = try archive.array(name) else { continue }
      tensors.append((name, try array.tensor(rows: nil, wanted: nil)))
    }
    return tensors
  }

  /// Writes an uncompressed archive, as `numpy.savez` does; an existing file is replaced once the
  /// new one is complete.
  ///
  /// - Throws: `io`, or `invalidData` for two tensors of one name or a type that NumPy has no bytes
  ///   for.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], to path: String
  ) throws(SurgeonError) {
    var encodings: [(name: String, encoding: NpyEncoding)] = []
    for (name, tensor) in tensors {
      encodings.append((name, try NpyEncoding(tensor, name: name)))
    }
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw SurgeonError(
        .io, "cannot write '\(path)'", detail: String(cString: zip_error_strerror(&error)))
    }
    func failure() -> SurgeonError {
      let reason = String(cString: zip_strerror(archive))
      zip_discard(archive)
      return SurgeonError(.io, "cannot write '\(path)'", detail: reason)
    }
    // The archive reads its sources when it is closed; until then the blocks must live.
    var blocks: [UnsafeMutableRawPointer] = []
    defer { for block in blocks { block.deallocate() } }
    for (name, encoding) in encodings {
      let block = UnsafeMutableRawPointer.allocate(
        byteCount: max(1, encoding.header.count), alignment: 1)
      blocks.append(block)
      encoding.header.withUnsafeBytes {
        block.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
      var fragments = [
        zip_buffer_fragment_t(
          data: block.assumingMemoryBound(to: UInt8.self),
          length: zip_uint64_t(encoding.header.count)),
        zip_buffer_fragment_t(
          data: UnsafeMutablePointer(
            mutating: encoding.elements.base.assumingMemoryBound(to: UInt8.self)),
          length: zip_uint64_t(encoding.elements.count)),
      ]
      guard
        let source = zip_source_buffer_fragment(
          archive, &fragments, encoding.elements.count == 0 ? 1 : 2, 0)
      else { throw failure() }
      let index = zip_file_add(archive, "\(name).npy", source, zip_flags_t(ZIP_FL_ENC_UTF_8))
      guard index >= 0 else {
        let error = failure()
        zip_source_free(source)
        throw error
      }
      guard zip_set_file_compression(archive, zip_uint64_t(index), ZIP_CM_STORE, 0) == 0 else {
        throw failure()
      }
    }
    let isWritten = zip_close(archive) == 0
    withExtendedLifetime(encodings) {}
    guard isWritten else { throw failure() }
  }
}
