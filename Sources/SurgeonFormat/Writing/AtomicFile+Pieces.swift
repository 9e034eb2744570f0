internal import CFileSystem
internal import SurgeonIR
internal import SurgeonLibc
internal import SurgeonThreads

/// Bytes of an input file from `start` on.
struct InputPart {
  let file: SourceFile
  let start: Int
  var count: Int
}

extension AtomicFile {
  /// Writes all of the file but what `copyAhead` has put there.
  ///
  /// - Throws: `io`: the disk is full, a limit is reached, an input file was cut short.
  func write(_ pieces: PieceList) throws(SurgeonError) {
    try reserve(pieces.count)
    var position = 0
    for content in pieces.contents {
      switch content {
      case .buffer(let range):
        try check(pieces.buffer[range].withUnsafeBytes { write($0, at: position) })
      case .memory(let bytes):
        try check(bytes.withUnsafeBytes { write($0, at: position) })
      case .file(let file, let range):
        let there = copied(file, range.lowerBound, at: position, atMost: range.count)
        try copy(file, range.dropFirst(there), to: position + there, threads: 0)
      }
      position += content.count
    }
    try shorten(to: position)
  }

  /// Puts what comes from input files where `pieces` has it, on this thread alone, as long as it `isWanted`.
  ///
  /// - Throws: as `write` does. What was copied until then is known.
  mutating func copyAhead(
    _ pieces: PieceList, while isWanted: () -> Bool
  ) throws(SurgeonError) {
    var position = 0
    for content in pieces.contents {
      defer { position += content.count }
      guard case .file(let file, let range) = content else { continue }
      var part = InputPart(file: file, start: range.lowerBound, count: 0)
      while part.count < range.count {
        guard isWanted() else { return }
        let rest = range.dropFirst(part.count).prefix(Self.askedEvery)
        try copy(file, rest, to: position + part.count, threads: 1)
        part.count += rest.count
        copies[position] = part
      }
    }
  }

  /// How many bytes `copyAhead` has put in place.
  var bytesAhead: Int { copies.values.reduce(0) { $0 + $1.count } }

  /// Bytes that are copied between two questions whether more is wanted.
  private static let askedEvery = 1 << 22

  /// How many bytes of an input file from `start` on stand at `position` already.
  private func copied(
    _ file: SourceFile, _ start: Int, at position: Int, atMost count: Int
  ) -> Int {
    guard let part = copies[position], part.file === file, part.start == start else { return 0 }
    return min(part.count, count)
  }

  /// A full disk shows before anything is written, and writing into reserved space is faster.
  ///
  /// - Throws: `io`.
  func reserve(_ count: Int) throws(SurgeonError) {
    guard hasPositions, count >= Self.reservedFrom,
      surgeon_reserve(descriptor, Int64(count)) != 0
    else { return }
    // Not every file system can reserve; all of them can be full.
    if errno == ENOSPC || errno == EFBIG || errno == EDQUOT { throw failure(errno) }
  }

  private static let reservedFrom = 1 << 20

  /// Takes off what was reserved, or copied ahead, and is not needed.
  private func shorten(to count: Int) throws(SurgeonError) {
    var status = stat()
    guard hasPositions, fstat(descriptor, &status) == 0, status.st_size > count else { return }
    if ftruncate(descriptor, off_t(count)) != 0 { throw failure(errno) }
  }

  private func check(_ code: Int32) throws(SurgeonError) {
    if code != 0 { throw failure(code) }
  }

  /// The system's error code, 0 when everything was written.
  private func write(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int32 {
    guard let base = bytes.baseAddress else { return 0 }
    var done = 0
    while done < bytes.count {
      let (next, rest) = (base + done, bytes.count - done)
      let written =
        hasPositions
        ? pwrite(descriptor, next, rest, off_t(position + done))
        : SurgeonLibc.write(descriptor, next, rest)
      if written >= 0 {
        done += written
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  /// Copies a range of an input file to `target`.
  ///
  /// Inside the kernel where both ranges lie alike on their pages, since such pages may be shared
  /// with the input; through buffers where they do not, since the kernel then copies page by page
  /// and takes twice the time.
  private func copy(
    _ file: SourceFile, _ range: Range<Int>, to target: Int, threads: Int
  ) throws(SurgeonError) {
    guard let source = file.descriptor, range.count >= Self.bufferSize else {
      return try check(write(UnsafeRawBufferPointer(rebasing: file.bytes[range]), at: target))
    }
    let shift = target - range.lowerBound
    var position = range.lowerBound
    if hasPositions, shift % 4096 == 0 {
      position = try copyInKernel(source, file, range, shift: shift)
    }
    guard position < range.upperBound else { return }
    try copyThroughBuffers(
      source, file, position..<range.upperBound, shift: shift, threads: threads)
  }

  /// One piece is read while the one before it is written, where there are threads for it.
  private func copyThroughBuffers(
    _ source: Int32, _ file: SourceFile, _ range: Range<Int>, shift: Int, threads: Int
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
      let place = position + shift
      position += current.count
      half = 1 - half
      let next = piece(at: position, half: half)
      var code: Int32 = 0
      ThreadPool.shared.run(count: next.isEmpty ? 1 : 2, threads: threads) { index in
        if index == 0 {
          code = write(UnsafeRawBufferPointer(current), at: place)
        } else {
          readCode = read(next, at: position)
        }
      }
      try check(code)
      current = next
    }
  }

  private static let bufferSize = 1 << 18

  /// Returns how far it came: not to the end where the file systems have no such copy.
  private func copyInKernel(
    _ source: Int32, _ file: SourceFile, _ range: Range<Int>, shift: Int
  ) throws(SurgeonError) -> Int {
    var position = range.lowerBound
    while position < range.upperBound {
      let copied = surgeon_copy_range(
        source, Int64(position), descriptor, Int64(position + shift), range.upperBound - position)
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
}
