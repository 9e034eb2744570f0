internal import CFileSystem
internal import SurgeonIR
internal import SurgeonLibc
internal import SurgeonThreads

/// A file that appears under its name complete, or not at all.
///
/// The bytes go to a temporary file of the same directory, which takes over the name by a rename.
/// Where the file system has files without a name, the temporary file is one until then, and a
/// killed process leaves nothing behind. A path that names a device or a pipe is written directly.
struct AtomicFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  /// The name of the temporary file, nil while it has none.
  private var temporaryPath: String?
  private let target: Target

  private enum Target {
    case derived, source, device
  }

  private init(_ path: String, _ descriptor: Int32, temporaryPath: String?, _ target: Target) {
    self.path = path
    self.descriptor = descriptor
    self.temporaryPath = temporaryPath
    self.target = target
  }

  /// A file to be written in the place of `path`, whether there is one or not.
  ///
  /// - Parameter source: the file that the bytes were made from. See `commit` for what changes
  ///   where it is the one that is replaced.
  /// - Throws: `io` where the file or its directory cannot be written to.
  static func replacing(
    _ path: String, madeFrom source: String? = nil
  ) throws(SurgeonError) -> AtomicFile {
    // A link is followed: the file that it names is replaced.
    var target = path
    if let resolved = realpath(path, nil) {
      target = String(cString: resolved)
      free(resolved)
    }
    var status = stat()
    let exists = stat(target, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw SurgeonError(.io, "cannot write '\(path)': it is a directory")
    }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(target, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .system("cannot write '\(path)'", errno) }
      return AtomicFile(target, descriptor, temporaryPath: nil, .device)
    }
    if exists, access(target, W_OK) != 0 { throw .system("cannot write '\(path)'", errno) }
    let mode = exists ? status.st_mode & 0o7777 : 0o666
    var temporaryPath: String?
    var descriptor = surgeon_open_unnamed(ExternalFiles.directory(of: target), mode)
    if descriptor < 0 {
      // File systems without such files say so in several ways; what is really wrong shows again.
      let name = temporaryName(for: target)
      descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      guard descriptor >= 0 else { throw .system("cannot write '\(path)'", errno) }
      temporaryPath = name
    }
    if exists { fchmod(descriptor, mode) }
    var origin = stat()
    let isSource =
      exists && source.map { stat($0, &origin) == 0 } ?? false
      && (origin.st_dev, origin.st_ino) == (status.st_dev, status.st_ino)
    return AtomicFile(
      target, descriptor, temporaryPath: temporaryPath, isSource ? .source : .derived)
  }

  deinit {
    close(descriptor)
    if let temporaryPath { unlink(temporaryPath) }
  }

  private static func temporaryName(for path: String) -> String {
    "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
  }

  /// - Throws: `io`: the disk is full, a limit is reached, an input file was cut short.
  func write(_ pieces: PieceList) throws(SurgeonError) {
    try reserve(pieces.count)
    var position = 0
    for content in pieces.contents {
      switch content {
      case .buffer(let range):
        try check(pieces.buffer[range].withUnsafeBytes { write($0) })
        position += range.count
      case .memory(let bytes):
        try check(bytes.withUnsafeBytes { write($0) })
        position += bytes.count
      case .file(let file, let range):
        try copy(file, range, to: position)
        position += range.count
      }
    }
  }

  /// A full disk shows before anything is written, and writing into reserved space is faster.
  private func reserve(_ count: Int) throws(SurgeonError) {
    if case .device = target { return }
    guard count >= Self.reservedFrom, surgeon_reserve(descriptor, Int64(count)) != 0 else { return }
    // Not every file system can reserve; all of them can be full.
    if errno == ENOSPC || errno == EFBIG || errno == EDQUOT { throw failure(errno) }
  }

  private static let reservedFrom = 1 << 20

  /// Returns the system's error code, 0 when everything was written.
  private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let base = bytes.baseAddress else { return 0 }
    var position = 0
    while position < bytes.count {
      let written = unistdWrite(descriptor, base + position, bytes.count - position)
      if written >= 0 {
        position += written
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  private func check(_ code: Int32) throws(SurgeonError) {
    if code != 0 { throw failure(code) }
  }

  /// Copies a range of an input file.
  ///
  /// Inside the kernel where both ranges lie alike on their pages, since such pages may be shared
  /// with the input; through buffers where they do not, since the kernel then copies page by page
  /// and takes twice the time.
  private func copy(
    _ file: SourceFile, _ range: Range<Int>, to target: Int
  ) throws(SurgeonError) {
    guard let source = file.descriptor, range.count >= Self.bufferSize else {
      return try check(write(UnsafeRawBufferPointer(rebasing: file.bytes[range])))
    }
    var position = range.lowerBound
    if (range.lowerBound - target) % 4096 == 0 {
      position = try copyInKernel(source, file, range)
    }
    guard position < range.upperBound else { return }
    try copyThroughBuffers(source, file, position..<range.upperBound)
  }

  /// One piece is read while the one before it is written.
  private func copyThroughBuffers(
    _ source: Int32, _ file: SourceFile, _ range: Range<Int>
  ) throws(SurgeonError) {
    let size = Self.bufferSize
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * size, alignment: 4096)
    defer { memory.deallocate() }
    func piece(at position: Int, half: Int) -> UnsafeMutableRawBufferPointer {
      let count = max(0, min(size, range.upperBound - position))
      return UnsafeMutableRawBufferPointer(rebasing: memory[half * size..<half * size + count])
    }
    func read(_ piece: UnsafeMutableRawBufferPointer, at position: Int) -> Int32 {
      surgeon_read_range(source, Int64(position), piece.baseAddress, piece.count)
    }
    var (position, half) = (range.lowerBound, 0)
    var current = piece(at: position, half: half)
    var readCode = read(current, at: position)
    while current.count > 0 {
      guard readCode == 0 else {
        throw cutShort(file, at: position, readCode == ENODATA ? 0 : readCode)
      }
      position += current.count
      half = 1 - half
      let next = piece(at: position, half: half)
      var writeCode: Int32 = 0
      ThreadPool.shared.run(count: next.isEmpty ? 1 : 2, threads: 0) { index in
        if index == 0 {
          writeCode = write(UnsafeRawBufferPointer(current))
        } else {
          readCode = read(next, at: position)
        }
      }
      try check(writeCode)
      current = next
    }
  }

  private static let bufferSize = 1 << 18

  /// Returns how far it came: not to the end where the file systems have no such copy.
  private func copyInKernel(
    _ source: Int32, _ file: SourceFile, _ range: Range<Int>
  ) throws(SurgeonError) -> Int {
    var position = range.lowerBound
    while position < range.upperBound {
      let copied = surgeon_copy_range(
        source, Int64(position), descriptor, range.upperBound - position)
      if copied > 0 {
        position += copied
      } else if copied == 0 {
        throw cutShort(file, at: position, 0)
      } else if [EXDEV, ENOSYS, EINVAL, EOPNOTSUPP, EBADF, EPERM].contains(errno) {
        return position
      } else if errno != EINTR {
        throw failure(errno)
      }
    }
    return position
  }

  private func cutShort(_ file: SourceFile, at position: Int, _ code: Int32) -> SurgeonError {
    if code != 0 { return .system("cannot read '\(file.path)'", code) }
    return SurgeonError(
      .io, "cannot read '\(file.path)'",
      detail: "it was cut short to \(position.grouped) bytes while it was read")
  }

  private func failure(_ code: Int32) -> SurgeonError {
    let hint =
      code == ENOSPC || code == EDQUOT
      ? "free some space, or write to another file system" : nil
    return .system("cannot write '\(path)'", code, hint: hint)
  }

  /// Gives the bytes their name.
  ///
  /// Where a model replaces itself, its bytes must be on the disk first: a power failure could
  /// otherwise leave neither the old nor the new ones. Anything else can be made again from its
  /// source, and does not wait for the disk.
  consuming func commit() throws(SurgeonError) {
    if case .device = target { return }
    if case .source = target, fsync(descriptor) != 0 { throw failure(errno) }
    if temporaryPath == nil {
      if surgeon_name_file(descriptor, path) == 0 { return }
      let name = Self.temporaryName(for: path)
      guard surgeon_name_file(descriptor, name) == 0 else { throw failure(errno) }
      temporaryPath = name
    }
    guard let name = temporaryPath, rename(name, path) == 0 else { throw failure(errno) }
    temporaryPath = nil
  }
}

private func unistdWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
