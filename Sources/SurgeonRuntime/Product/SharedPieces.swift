internal import Synchronization

/// Pieces of work that several loops take from each other: each begins with pieces of its own, the same
/// ones every time, so that what they read is in its thread's cache from the time before.
final class SharedPieces: @unchecked Sendable {
  // Unchecked: the pointer stays what it is, and leads to atomic numbers.
  private let count: Int
  private let owners: Int
  /// For each owner the next of its pieces that nobody has taken.
  private let next: UnsafeMutablePointer<Atomic<Int>>

  /// - Parameter owners: the loops, or 1 where these take neighbouring pieces in turns: what they read lies
  ///   side by side in memory then, which matters more than caches where all of it comes from there.
  init(_ count: Int, owners: Int) {
    self.count = count
    self.owners = owners
    next = .allocate(capacity: owners)
    for owner in 0..<owners {
      (next + owner).initialize(to: Atomic(count * owner / owners))
    }
  }

  deinit {
    next.deinitialize(count: owners)
    next.deallocate()
  }

  /// Calls `body` for pieces that no other loop has taken, until there are none left.
  func take(_ loop: Int, _ body: (Int) -> Void) {
    for turn in 0..<owners {
      let owner = (loop + turn) % owners
      let end = count * (owner + 1) / owners
      while true {
        let piece = next[owner].wrappingAdd(1, ordering: .relaxed).oldValue
        guard piece < end else { break }
        body(piece)
      }
    }
  }
}
