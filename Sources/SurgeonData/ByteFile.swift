internal import SurgeonIR
internal import SurgeonLibc

/// A file open for reading, whose ranges are mapped one at a time: what was read goes with the
/// last reference to its bytes, so that a pass over a file larger than memory stays small.
final class ByteFile {
  let path: String
  let count: Int
  private let descriptor: Int32
  private static let populatedAtOnce = 16 << 20

  init(path: String) throws(SurgeonError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SurgeonError(.io, "cannot open '\(path)'", detail: Self.reason(errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw SurgeonError(.io, "cannot read '\(path)'", detail: "it is no regular file")
    }
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// The bytes of `range`, mapped; the range must lie in the file.
  func map(_ range: Range<Int>) throws(SurgeonError) -> TensorBytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    if range.isEmpty { return TensorBytes([]) }
    let start = range.lowerBound & ~(Int(sysconf(Int32(_SC_PAGESIZE))) - 1)
    let length = range.upperBound - start
    // All of a sample is read: one call instead of an interrupt for every few pages.
    #if os(Linux)
      let flags = length <= Self.populatedAtOnce ? MAP_PRIVATE | MAP_POPULATE : MAP_PRIVATE
    #else
      let flags = MAP_PRIVATE
    #endif
    guard let base = mmap(nil, length, PROT_READ, flags, descriptor, off_t(start)),
      base != MAP_FAILED
    else { throw SurgeonError(.io, "cannot map '\(path)'", detail: Self.reason(errno)) }
    let window = MappedWindow(base: base, count: length)
    return TensorBytes(
      owner: window, base: UnsafeRawPointer(base) + (range.lowerBound - start), count: range.count)
  }

  /// Up to `limit` bytes from the beginning of the file.
  func prefix(_ limit: Int) throws(SurgeonError) -> [UInt8] {
    try map(0..<min(limit, count)).withUnsafeBytes { Array($0) }
  }

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// A mapped range of a file, unmapped with its last reference.
private final class MappedWindow: @unchecked Sendable {
  // Unchecked: the mapping is read-only and both properties are constants.
  private let base: UnsafeMutableRawPointer
  private let count: Int

  init(base: UnsafeMutableRawPointer, count: Int) {
    self.base = base
    self.count = count
  }

  deinit { munmap(base, count) }
}
