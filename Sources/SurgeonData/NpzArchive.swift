internal import CZip
internal import SurgeonIR

/// A .npz archive: a zip of .npy arrays, each named like its entry without `.npy`.
final class NpzArchive {
  let path: String
  /// The arrays' names in the archive's order.
  let names: [String]
  private let handle: OpaquePointer
  private let entries: [String: zip_uint64_t]

  /// Opens an archive and reads its directory.
  init(path: String) throws(SurgeonError) {
    self.path = path
    // libzip says of a missing file that it is no zip archive on some versions; ask first.
    let file = try ByteFile(path: path)
    var code: Int32 = 0
    guard let handle = zip_open(path, ZIP_RDONLY, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      // The directory of an archive is its end.
      let beginning = try file.prefix(4)
      let isCutOff = code == ZIP_ER_NOZIP && beginning == Array("PK\u{3}\u{4}".utf8)
      throw SurgeonError(
        .invalidData, "cannot read '\(path)' as a .npz archive",
        detail: isCutOff
          ? "it begins as one and is cut off" : String(cString: zip_error_strerror(&error)))
    }
    self.handle = handle
    var names: [String] = []
    var entries: [String: zip_uint64_t] = [:]
    for index in 0..<zip_uint64_t(max(0, zip_get_num_entries(handle, 0))) {
      guard let text = zip_get_name(handle, index, zip_flags_t(ZIP_FL_ENC_RAW)) else { continue }
      let entry = String(cString: text)
      guard entry.hasSuffix(".npy") else { continue }
      let name = String(entry.dropLast(4))
      if entries.updateValue(index, forKey: name) == nil { names.append(name) }
    }
    self.names = names
    self.entries = entries
  }

  deinit { zip_discard(handle) }

  /// The array `name`, with its header read; nil where the archive has none of that name.
  func array(_ name: String) throws(SurgeonError) -> StoredArray? {
    guard let index = entries[name] else { return nil }
    let place = "\(path) > array '\(name)'"
    do throws(SurgeonError) {
      let stream = try NpzStream(archive: self, index: index)
      let prefix = try stream.array(NpyHeader.prefixCount)
      let size = try NpyHeader.byteCount(prefix: prefix)
      let header = try NpyHeader(
        parsing: prefix + stream.array(max(0, size - prefix.count)))
      stream.dataOffset = header.dataOffset
      guard stream.byteCount - header.dataOffset >= header.dataCount else {
        throw SurgeonError(
          .invalidData, "the array is cut off",
          detail: "\(header.dataCount) bytes declared, "
            + "\(max(0, stream.byteCount - header.dataOffset)) present")
      }
      return StoredArray(place: place, header: header, bytes: stream)
    } catch {
      throw error.within(place)
    }
  }

  fileprivate func open(_ index: zip_uint64_t) throws(SurgeonError) -> OpaquePointer {
    guard let file = zip_fopen_index(handle, index, 0) else {
      throw SurgeonError(
        .invalidData, "the entry cannot be read", detail: String(cString: zip_strerror(handle)))
    }
    return file
  }

  fileprivate func byteCount(of index: zip_uint64_t) -> Int {
    var status = zip_stat_t()
    guard zip_stat_index(handle, index, 0, &status) == 0 else { return 0 }
    return Int(clamping: status.size)
  }
}

/// One entry of an archive, read forwards; going back starts again from its beginning.
private final class NpzStream: ArrayBytes {
  private let archive: NpzArchive
  private let index: zip_uint64_t
  private var file: OpaquePointer
  private var position = 0
  let byteCount: Int
  var dataOffset = 0

  init(archive: NpzArchive, index: zip_uint64_t) throws(SurgeonError) {
    self.archive = archive
    self.index = index
    byteCount = archive.byteCount(of: index)
    file = try archive.open(index)
  }

  deinit { zip_fclose(file) }

  /// The next bytes, at most `count`.
  func array(_ count: Int) throws(SurgeonError) -> [UInt8] {
    let count = min(count, byteCount - position)
    var bytes = [UInt8](repeating: 0, count: max(0, count))
    let isWhole = bytes.withUnsafeMutableBytes { fill($0) }
    guard isWhole else { throw damaged() }
    return bytes
  }

  func read(_ range: Range<Int>) throws(SurgeonError) -> TensorBytes {
    let start = dataOffset + range.lowerBound
    if start < position {
      let again = try archive.open(index)
      zip_fclose(file)
      file = again
      position = 0
    }
    guard let block = HeapBlock(declaredCount: max(range.count, 1 << 16)) else {
      throw SurgeonError(
        .impossible, "the entry does not fit into this machine's memory",
        detail: "it declares \(range.count) bytes")
    }
    let buffer = UnsafeMutableRawBufferPointer(start: block.base, count: block.count)
    while position < start {
      let step = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(start - position, 1 << 16)])
      guard fill(step) else { throw damaged() }
    }
    guard fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])) else {
      throw damaged()
    }
    return TensorBytes(owner: block, base: UnsafeRawPointer(block.base), count: range.count)
  }

  /// False where the entry ends early, does not decompress, or fails its checksum, which libzip
  /// compares when it is asked for what is behind the last byte.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
    var done = 0
    while done < buffer.count {
      let count = zip_fread(
        file, buffer.baseAddress.map { $0 + done }, zip_uint64_t(buffer.count - done))
      guard count > 0 else { return false }
      done += Int(count)
    }
    position += done
    var beyond: UInt8 = 0
    return position < byteCount || zip_fread(file, &beyond, 1) == 0
  }

  private func damaged() -> SurgeonError {
    SurgeonError(
      .invalidData, "the entry is damaged",
      detail: zip_file_strerror(file).map { String(cString: $0) } ?? "it ends early")
  }
}
