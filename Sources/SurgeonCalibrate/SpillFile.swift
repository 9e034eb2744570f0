internal import CFileSystem
internal import SurgeonIR
internal import SurgeonLibc
internal import SurgeonRuntime
internal import Synchronization

/// A file of blocks that memory has no room for.
///
/// The file has no name from the moment it is open, so that nothing is left behind, however the
/// process ends. Blocks that were given back are written over: their pages are in the system's cache.
final class SpillFile: Sendable {
  private struct State {
    var descriptor: Int32?
    var ranges = RangeAllocator(size: Int(Int64.max >> 1))
    /// Where the part ends that the file system has room for; the largest number where it cannot say.
    var reserved = 0
  }

  private let directory: String
  private let state = Mutex(State())
  private static let alignment = 4096
  /// How much room is asked for at a time.
  private static let step = 64 << 20

  init(directory: String) { self.directory = directory }

  deinit {
    if let descriptor = state.withLock({ $0.descriptor }) { close(descriptor) }
  }

  /// Writes a block and returns where it begins.
  ///
  /// - Throws: `io` where the disk is full or the directory cannot be written.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SurgeonError) -> Int {
    let descriptor = try open()
    let room = Self.room(for: bytes.count)
    let start = state.withLock { state in
      let start = state.ranges.allocate(room)
      if let start { Self.reserve(start + room, descriptor, &state.reserved) }
      return start
    }
    guard let start else { throw failure("write") }
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(start + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write") }
      done += count
    }
    return start
  }

  /// Fills `buffer` with the bytes from `start` on.
  func read(_ start: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SurgeonError) {
    let code = surgeon_read_range(
      try open(), Int64(start), buffer.baseAddress, buffer.count)
    guard code == 0 else { throw failure("read", code) }
  }

  /// Gives a block back.
  func release(_ start: Int, count: Int) {
    state.withLock { _ = $0.ranges.release(start: start, count: Self.room(for: count)) }
  }

  /// Fresh pages of a file that has room for them already take two thirds of the time to write. A disk that
  /// has not so much at a time may have enough: that will show.
  private static func reserve(_ end: Int, _ descriptor: Int32, _ reserved: inout Int) {
    guard end > reserved else { return }
    let wanted = (end + step - 1) / step * step
    reserved = surgeon_reserve(descriptor, Int64(wanted)) == 0 ? wanted : .max
  }

  private static func room(for count: Int) -> Int {
    max(1, (count + alignment - 1) / alignment) * alignment
  }

  private func open() throws(SurgeonError) -> Int32 {
    try state.withLock { state throws(SurgeonError) in
      if let descriptor = state.descriptor { return descriptor }
      var path = Array("\(directory)/surgeon-XXXXXX".utf8CString)
      let opened = mkstemp(&path)
      guard opened >= 0 else { throw failure("make") }
      unlink(path)
      state.descriptor = opened
      return opened
    }
  }

  private func failure(_ action: String, _ code: Int32 = errno) -> SurgeonError {
    SurgeonError(
      .io, "cannot \(action) the file of activations in '\(directory)'",
      detail: String(cString: strerror(code)),
      hint: "name a directory on a disk with room: --workspace DIR")
  }
}
