internal import SurgeonLibc

/// Buffered bytes on their way to a file descriptor, or kept where there is none.
struct ByteStream {
  private static let capacity = 1 << 16

  private let descriptor: Int32?
  private var pending: [UInt8] = []
  /// Why the last write failed; a closed pipe leaves it nil and drops what follows.
  private(set) var failure: String?
  private var isClosed = false

  init(descriptor: Int32?) { self.descriptor = descriptor }

  var text: String { String(decoding: pending, as: UTF8.self) }

  mutating func write(_ text: String) {
    guard !isClosed else { return }
    pending.append(contentsOf: text.utf8)
    if descriptor != nil, pending.count >= Self.capacity { flush() }
  }

  mutating func flush() {
    guard let descriptor, !pending.isEmpty else { return }
    var offset = 0
    while offset < pending.count, !isClosed {
      let written = pending.withUnsafeBytes { bytes in
        writeBytes(UnsafeRawBufferPointer(rebasing: bytes[offset...]), to: descriptor)
      }
      if written >= 0 {
        offset += written
      } else if errno != EINTR {
        if errno != EPIPE { failure = String(cString: strerror(errno)) }
        isClosed = true
      }
    }
    pending.removeAll(keepingCapacity: true)
  }
}

/// `write(2)`, which inside the type is the name of a method.
private func writeBytes(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
