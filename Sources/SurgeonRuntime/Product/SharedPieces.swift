internal import Synchronization

/// Pieces of work that several loops take from each other: each begins with pieces of its own, the same
/// ones every time, so that what they read is in its thread's cache from the time before.
final class SharedPieces: @unchecked Sendable {
  // Unchecked: the pointer stays what it is, and leads to atomic numbers.
  private let count: Int
  private let loops: Int
  /// For each loop the next of its pieces that nobody has taken.
  private let next: UnsafeMutablePointer<Atomic<Int>>

  init(_ count: Int, loops: Int) {
    self.count = count
    self.loops = loops
    next = .allocate(capacity: loops)
    for loop in 0..<loops {
      (next + loop).initialize(to: Atomic(count * loop / loops))
    }
  }

  deinit {
    next.deinitialize(count: loops)
    next.deallocate()
  }

  /// Calls `body` for pieces that no other loop has taken, until there are none left.
  func take(_ loop: Int, _ body: (Int) -> Void) {
    for turn in 0..<loops {
      let owner = (loop + turn) % loops
      let end = count * (owner + 1) / loops
      while true {
        let piece = next[owner].wrappingAdd(1, ordering: .relaxed).oldValue
        guard piece < end else { break }
        body(piece)
      }
    }
  }
}
