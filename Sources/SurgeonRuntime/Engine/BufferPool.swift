public import SurgeonIR
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Blocks of memory that wait for the next value of their size.
///
/// A network allocates the same sizes in every run, and a fresh large block costs a page fault per
/// 4 KiB. Blocks are kept by size rounded up to an eighth of a power of two, so that at most an
/// eighth is wasted; small ones go straight to the allocator, which is good at them.
public final class BufferPool: Sendable {
  private struct State: ~Copyable {
    var free: [Int: [UInt]] = [:]
    var freeBytes = 0
    var scratch: HeapBlock?
    var isClosed = false
  }

  private let state = Mutex(State())
  private let limit: Int
  /// Where blocks come from and go to; nil: the system.
  private let arena: Arena?
  private static let pooledFrom = 1 << 16

  /// - Parameter limit: bytes that may wait; what comes back beyond them is freed.
  public init(limit: Int = .max) {
    self.limit = limit
    arena = nil
  }

  /// A pool whose blocks are parts of an arena.
  package init(limit: Int = .max, arena: Arena) {
    self.limit = limit
    self.arena = arena
  }

  deinit { drain() }

  /// A block of at least `byteCount` bytes, aligned to 64, with whatever was there before.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  public func block(byteCount: Int) throws(SurgeonError) -> PooledBlock {
    let size = Self.roundedUp(byteCount)
    if size >= Self.pooledFrom,
      let address = state.withLock({ state -> UInt? in
        guard let address = state.free[size]?.popLast() else { return nil }
        state.freeBytes -= size
        return address
      }), let base = UnsafeMutableRawPointer(bitPattern: address)
    {
      return PooledBlock(base: base, count: size, pool: self)
    }
    guard size < Int.max / 2, let base = fresh(size) else {
      throw SurgeonError(
        .impossible, "a value of \(byteCount) bytes does not fit into this machine's memory")
    }
    return PooledBlock(base: base, count: size, pool: size >= Self.pooledFrom ? self : nil)
  }

  private func fresh(_ size: Int) -> UnsafeMutableRawPointer? {
    if size >= Self.pooledFrom, let arena { return arena.allocate(byteCount: size) }
    var base: UnsafeMutableRawPointer?
    return posix_memalign(&base, 64, size) == 0 ? base : nil
  }

  private func discard(_ base: UnsafeMutableRawPointer, size: Int) {
    if let arena { arena.release(base, byteCount: size) } else { free(base) }
  }

  /// Calls `body` with memory for the moment: a block that grows and is kept for the next call.
  func withScratch<Result>(
    byteCount: Int, _ body: (HeapBlock) throws(SurgeonError) -> Result
  ) throws(SurgeonError) -> Result {
    let kept = state.withLock { $0.scratch.take() }
    let block = kept.flatMap { $0.count >= byteCount ? $0 : nil } ?? HeapBlock(count: byteCount)
    defer { state.withLock { $0.scratch = block } }
    return try body(block)
  }

  /// Gives every waiting block back to the system, or to the arena.
  public func drain() {
    state.withLock { state in
      for (size, addresses) in state.free {
        for address in addresses {
          guard let base = UnsafeMutableRawPointer(bitPattern: address) else { continue }
          discard(base, size: size)
        }
      }
      state.free = [:]
      state.freeBytes = 0
      state.scratch = nil
    }
  }

  /// Gives every block back to the system, those that come back later too: for a pool whose session
  /// is gone while somebody keeps a value of it.
  func close() {
    state.withLock { $0.isClosed = true }
    drain()
  }

  fileprivate func takeBack(_ base: UnsafeMutableRawPointer, count: Int) {
    let isKept = state.withLock { state in
      guard !state.isClosed, state.freeBytes + count <= limit else { return false }
      state.free[count, default: []].append(UInt(bitPattern: base))
      state.freeBytes += count
      return true
    }
    if !isKept { discard(base, size: count) }
  }

  private static func roundedUp(_ byteCount: Int) -> Int {
    guard byteCount > 64 else { return 64 }
    let step = max(64, (1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount)) / 8)
    let (sum, overflow) = byteCount.addingReportingOverflow(step - 1)
    return overflow ? Int.max : sum / step * step
  }
}

/// Memory of a pool, given back with the last reference.
public final class PooledBlock: @unchecked Sendable {
  // Unchecked: whoever holds the only reference while filling it decides when it becomes shared.
  public let base: UnsafeMutableRawPointer
  public let count: Int
  private let pool: BufferPool?

  fileprivate init(base: UnsafeMutableRawPointer, count: Int, pool: BufferPool?) {
    self.base = base
    self.count = count
    self.pool = pool
  }

  deinit {
    if let pool { pool.takeBack(base, count: count) } else { free(base) }
  }
}
