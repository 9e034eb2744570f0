public import SurgeonIR
internal import SurgeonLibc
internal import Synchronization

/// Where values take their memory from.
///
/// Large blocks come from an arena: a value takes the place of those that are freed, whatever their
/// sizes, in the cache and in pages that are there already. Small ones go straight to the
/// allocator, which is good at them.
public final class BufferPool: Sendable {
  private let arena: Arena
  private let keepsPages: Atomic<Bool>
  private static let pooledFrom = 1 << 16

  /// - Parameter keepsPages: false for blocks that live long: what comes back goes to the system
  ///   at once instead of waiting for the next value.
  public convenience init(keepsPages: Bool = true) {
    self.init(keepsPages: keepsPages, pages: .ofProcess)
  }

  package init(keepsPages: Bool = true, pages: LargePages) {
    self.keepsPages = Atomic(keepsPages)
    arena = Arena(pages: pages)
  }

  /// A block of at least `byteCount` bytes, aligned to 64, with whatever was there before.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  public func block(byteCount: Int) throws(SurgeonError) -> PooledBlock {
    let (sum, overflow) = max(byteCount, 1).addingReportingOverflow(63)
    let size = sum / 64 * 64
    let isPooled = size >= Self.pooledFrom
    var whole: UnsafeMutableRawPointer?
    if isPooled, !overflow {
      whole = arena.allocate(byteCount: size)
    } else if !overflow {
      // Aligned here: the allocator's own way of doing so takes several times as long.
      whole = malloc(size + 63)
    }
    guard let whole else {
      throw SurgeonError(
        .impossible, "a value of \(byteCount) bytes does not fit into this machine's memory")
    }
    return isPooled
      ? PooledBlock(base: whole, count: size, pool: self) : PooledBlock(allocation: whole, size)
  }

  /// Gives the memory that no block is in back to the system.
  public func drain() { arena.trim() }

  /// Gives all free memory back to the system, also what comes back later: for a pool whose session
  /// is gone while somebody keeps a value of it.
  func close() {
    keepsPages.store(false, ordering: .relaxed)
    drain()
  }

  fileprivate func takeBack(_ base: UnsafeMutableRawPointer, count: Int) {
    arena.release(
      base, byteCount: count, keepsPages: keepsPages.load(ordering: .relaxed))
  }
}

/// Memory of a pool, given back with the last reference.
public final class PooledBlock: @unchecked Sendable {
  // Unchecked: whoever holds the only reference while filling it decides when it becomes shared.
  public let base: UnsafeMutableRawPointer
  public let count: Int
  private let pool: BufferPool?
  /// What the allocator gave, where there is no pool.
  private let allocation: UnsafeMutableRawPointer?

  fileprivate init(base: UnsafeMutableRawPointer, count: Int, pool: BufferPool) {
    self.base = base
    self.count = count
    self.pool = pool
    allocation = nil
  }

  fileprivate init(allocation: UnsafeMutableRawPointer, _ count: Int) {
    base = allocation.alignedUp(toMultipleOf: 64)
    self.count = count
    pool = nil
    self.allocation = allocation
  }

  deinit {
    if let pool { pool.takeBack(base, count: count) } else { free(allocation) }
  }
}
