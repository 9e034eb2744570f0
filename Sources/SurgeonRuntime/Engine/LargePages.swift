internal import SurgeonLibc
internal import Synchronization

/// Whether memory comes in pages of 2 MiB.
///
/// One fault for 2 MiB instead of 512 is worth a sixth of a run that needs much memory. But a virtual
/// machine may have given its free large pages back to its host, which then takes ten times as long
/// to bring one as to clear it, while small pages lie about in what others have freed. So each is
/// taken by itself, and after the first that took too long there are no more of them.
package final class LargePages: Sendable {
  static let size = 1 << 21
  /// Those of this process: what one arena has found out spares the others.
  package static let ofProcess = LargePages(limit: 2_000_000)

  private let limit: Int
  private let isSlow = Atomic(false)

  /// - Parameter limit: nanoseconds of a processor that a page may take. Clearing one takes a tenth
  ///   of a millisecond, 512 faults half of one.
  package init(limit: Int) { self.limit = limit }

  var areQuick: Bool { !isSlow.load(ordering: .relaxed) }

  /// Says in which pages the addresses from `start` on are to come.
  static func use(_ areLarge: Bool, at start: UInt, _ count: Int) {
    #if !canImport(Darwin)
      madvise(
        UnsafeMutableRawPointer(bitPattern: start), count,
        areLarge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE)
    #endif
  }

  /// Touches the page at `start`, in which nobody has anything yet.
  func take(at start: UInt) {
    let before = Self.processorTime
    UnsafeMutableRawPointer(bitPattern: start)?.storeBytes(of: 0, as: UInt8.self)
    if Self.processorTime - before > limit { isSlow.store(true, ordering: .relaxed) }
  }

  /// Of this thread, in nanoseconds: time that others had the processor for does not count.
  private static var processorTime: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
