internal import CFileSystem
internal import SurgeonIR
internal import SurgeonLibc
internal import Synchronization

/// The bytes of one input file, mapped or in memory, for as long as anything refers to them.
///
/// Files from `mappedFrom` bytes on are mapped privately and read-only. If somebody truncates such
/// a file while it is in use, touching the lost pages kills the process with SIGBUS; that is
/// accepted: the output is written to a temporary file, so the old one stays whole. Replacing
/// the file by a rename, as this library does, leaves the mapping intact.
final class SourceFile: MappedMemory, @unchecked Sendable {
  // Unchecked: everything is set once; the bytes are never written.
  /// Unique in the process; `Origin.source` of everything read from this file.
  let number: Int
  let path: String
  /// False for bytes that were in memory from the first.
  let isOnDisk: Bool
  let base: UnsafeRawPointer
  let count: Int
  /// Open while the file is mapped, for copies inside the kernel.
  let descriptor: Int32?
  private let status: stat?
  private let block: HeapBlock?

  private static let mappedFrom = 1 << 18
  private static let lastNumber = Atomic<Int>(0)

  private static func nextNumber() -> Int {
    lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Bytes in memory under a name for messages.
  init(bytes: [UInt8], name: String) {
    let block = HeapBlock(count: bytes.count)
    block.base.copyMemory(from: bytes, byteCount: bytes.count)
    number = Self.nextNumber()
    path = name
    isOnDisk = false
    base = UnsafeRawPointer(block.base)
    count = bytes.count
    descriptor = nil
    status = nil
    self.block = block
  }

  /// Opens a file.
  ///
  /// - Throws: `io` where it cannot be opened or read, or is a directory.
  init(path: String) throws(SurgeonError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot open '\(path)'", errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .system("cannot read '\(path)'", code)
    }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else {
      close(descriptor)
      throw SurgeonError(.io, "cannot read '\(path)': it is a directory")
    }
    number = Self.nextNumber()
    self.path = path
    isOnDisk = true
    let size = Int(status.st_size)
    if kind == S_IFREG, size >= Self.mappedFrom {
      guard let mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
        mapping != MAP_FAILED
      else {
        let code = errno
        close(descriptor)
        throw .system("cannot map '\(path)'", code)
      }
      // Headers lie scattered among the weights; reading ahead would fetch weights.
      madvise(mapping, size, MADV_RANDOM)
      #if os(Linux)
        // Reading one number would map the two megabytes around it, weights that were given back too.
        madvise(mapping, size, MADV_NOHUGEPAGE)
      #endif
      base = UnsafeRawPointer(mapping)
      count = size
      self.descriptor = descriptor
      self.status = status
      block = nil
    } else {
      defer { close(descriptor) }
      let content = try Self.contents(of: descriptor, expecting: size, path: path)
      base = UnsafeRawPointer(content.block.base)
      count = content.count
      self.descriptor = nil
      self.status = nil
      block = content.block
    }
  }

  deinit {
    guard let descriptor else { return }
    munmap(UnsafeMutableRawPointer(mutating: base), count)
    close(descriptor)
  }

  func readAhead(_ bytes: UnsafeRawBufferPointer) {
    guard descriptor != nil, let start = bytes.baseAddress else { return }
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let first = UInt(bitPattern: start) / page * page
    let end = UInt(bitPattern: start) + UInt(bytes.count)
    madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_WILLNEED)
  }

  func copy(_ bytes: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer) -> Bool {
    guard let descriptor, let start = bytes.baseAddress else { return false }
    return surgeon_read_range(descriptor, Int64(start - base), destination, bytes.count) == 0
  }

  func discardPages(_ bytes: UnsafeRawBufferPointer) {
    guard descriptor != nil, let start = bytes.baseAddress else { return }
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let first = (UInt(bitPattern: start) + page - 1) / page * page
    let end = (UInt(bitPattern: start) + UInt(bytes.count)) / page * page
    guard first < end else { return }
    // The mapping is private and nobody writes to it: what comes back is the file.
    madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_DONTNEED)
  }

  /// Everything that a small file or a pipe holds.
  private static func contents(
    of descriptor: Int32, expecting size: Int, path: String
  ) throws(SurgeonError) -> (block: HeapBlock, count: Int) {
    var block = HeapBlock(count: size + 1)
    var count = 0
    while true {
      if count == block.count {
        let larger = HeapBlock(count: block.count * 2)
        larger.base.copyMemory(from: block.base, byteCount: count)
        block = larger
      }
      let received = read(descriptor, block.base + count, block.count - count)
      if received == 0 { return (block, count) }
      guard received > 0 else {
        if errno == EINTR { continue }
        throw .system("cannot read '\(path)'", errno)
      }
      count += received
    }
  }

  /// Takes pages out of memory that were touched on the way past a long payload; they come back by
  /// themselves when they are read. The kernel maps two megabytes around a byte that is read, so
  /// that a scan of headers would otherwise hold a good part of a large file.
  func forget(_ range: Range<Int>) {
    guard descriptor != nil, range.count >= Self.forgottenFrom else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    // The neighbours of the range lie on the same large pages.
    let start = max(range.lowerBound - Self.largePage, 0) / page * page
    let end = min(range.upperBound + Self.largePage, count)
    madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
  }

  private static let forgottenFrom = 1 << 20
  private static let largePage = 1 << 21

  /// Bytes of the file as tensor bytes, which keep the file open.
  func tensorBytes(_ range: Range<Int>) -> TensorBytes {
    TensorBytes(owner: self, base: base + range.lowerBound, count: range.count)
  }

  /// The range of this file that `bytes` are, nil where they are something else.
  func range(of bytes: TensorBytes) -> Range<Int>? {
    guard bytes.owner === self else { return nil }
    let start = bytes.base - base
    return start..<start + bytes.count
  }

  /// True where the file on disk still has the size and the time it had when it was opened.
  var isUnchanged: Bool {
    guard let descriptor, let old = status else { return true }
    var now = stat()
    guard fstat(descriptor, &now) == 0 else { return false }
    return now.st_size == old.st_size && now.modificationTime == old.modificationTime
  }
}

extension stat {
  /// Seconds and nanoseconds of the last modification.
  var modificationTime: [Int] {
    #if canImport(Darwin)
      [Int(st_mtimespec.tv_sec), Int(st_mtimespec.tv_nsec)]
    #else
      [Int(st_mtim.tv_sec), Int(st_mtim.tv_nsec)]
    #endif
  }
}

extension SurgeonError {
  /// An `io` error with the system's own words for `code`.
  static func system(_ message: String, _ code: Int32, hint: String? = nil) -> SurgeonError {
    SurgeonError(.io, "\(message): \(String(cString: strerror(code)))", hint: hint)
  }
}
