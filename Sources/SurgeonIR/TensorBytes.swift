internal import SurgeonLibc

/// Read-only bytes and whatever keeps them in memory: a block of the heap or a mapped file.
///
/// Copying the struct costs a retain. The bytes of a mapped file may start at any address; those
/// that `TensorBytes` allocates itself are aligned to 64.
public struct TensorBytes: @unchecked Sendable {
  // Unchecked: the bytes are immutable once the value exists, and the owner only frees them.
  public let base: UnsafeRawPointer
  public let count: Int
  public let owner: AnyObject

  /// Bytes that `owner` keeps alive and nobody writes to any more.
  public init(owner: AnyObject, base: UnsafeRawPointer, count: Int) {
    self.owner = owner
    self.base = base
    self.count = count
  }

  /// `count` new bytes, aligned to 64 and filled by `body`.
  public init(count: Int, filledBy body: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let block = HeapBlock(count: count)
    try body(UnsafeMutableRawBufferPointer(start: block.base, count: count))
    self.init(owner: block, base: UnsafeRawPointer(block.base), count: count)
  }

  public init(copying bytes: UnsafeRawBufferPointer) {
    self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
  }

  public init(_ bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { TensorBytes(copying: $0) }
  }

  public func withUnsafeBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    // `owner` is a stored property of self, which outlives the call.
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// The bytes of `range`, sharing their owner.
  public subscript(range: Range<Int>) -> TensorBytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return TensorBytes(owner: owner, base: base + range.lowerBound, count: range.count)
  }

  /// Says that the bytes will be read soon, from the first to the last: the system starts to fetch
  /// those of a mapped file and does not wait for them.
  public func expectReading() {
    if let owner = owner as? any MappedMemory {
      owner.readAhead(UnsafeRawBufferPointer(start: base, count: count))
    }
  }

  /// Copies the bytes to `destination`. Those of a mapped file are read from the file, past the
  /// mapping, so that its pages do not come into this process's memory.
  public func copy(to destination: UnsafeMutableRawPointer) {
    withUnsafeBytes { bytes in
      if let owner = owner as? any MappedMemory, owner.copy(bytes, to: destination) { return }
      if let start = bytes.baseAddress, count > 0 {
        destination.copyMemory(from: start, byteCount: count)
      }
    }
  }

  /// Says that the bytes will not be read soon: the pages of a mapped file leave this process's
  /// memory and come back when somebody reads them.
  public func discardPages() {
    if let owner = owner as? any MappedMemory {
      owner.discardPages(UnsafeRawBufferPointer(start: base, count: count))
    }
  }

  public func equals(_ other: TensorBytes) -> Bool {
    count == other.count && (base == other.base || memcmp(base, other.base, count) == 0)
  }
}

/// An owner of bytes that the system can read again from a file.
public protocol MappedMemory: AnyObject {
  /// Starts to fetch the pages that hold `bytes`.
  func readAhead(_ bytes: UnsafeRawBufferPointer)
  /// Copies `bytes` without touching their pages; false where that is not possible.
  func copy(_ bytes: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer) -> Bool
  /// Takes the pages that lie within `bytes` out of memory; their contents stay what they are.
  func discardPages(_ bytes: UnsafeRawBufferPointer)
}

/// A block of the heap, freed with its last reference and aligned to 64.
public final class HeapBlock: @unchecked Sendable {
  // Unchecked: whoever holds the only reference while filling it decides when it becomes shared.
  public let base: UnsafeMutableRawPointer
  public let count: Int
  /// What the allocator gave. Aligned here: the allocator's own way of doing so asks for more than
  /// the block takes in the end, and so the next one of its size does not fit where it was.
  private let allocation: UnsafeMutableRawPointer

  /// A block for what is in memory already, or is known to be little.
  public convenience init(count: Int) { self.init(declaredCount: count)! }

  /// A block for as many bytes as a file says; nil where the machine has not that much memory.
  public init?(declaredCount count: Int) {
    let (size, overflow) = count.addingReportingOverflow(Self.slack)
    guard !overflow, let allocation = malloc(size) else { return nil }
    self.count = count
    self.allocation = allocation
    base = allocation.alignedUp(toMultipleOf: Self.alignment)
  }

  deinit { free(allocation) }

  private static let alignment = 64
  private static let slack = alignment - 1
}
