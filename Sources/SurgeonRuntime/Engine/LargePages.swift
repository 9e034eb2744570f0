internal import SurgeonLibc
internal import Synchronization

/// Whether memory comes in pages of 2 MiB.
///
/// One fault for 2 MiB instead of 512 is worth a sixth of a run that needs much memory. But a virtual
/// machine may have given its free large pages back to its host, which then takes ten times as long
/// to bring one as to clear it, while small pages lie about in what others have freed. So each is
/// taken by itself, and after the first that took too long the process asks for no more of them.
enum LargePages {
  static let size = 1 << 21
  /// Nanoseconds of a processor; clearing takes a tenth of it, 512 faults a quarter.
  private static let limit = 2_000_000
  private static let isSlow = Atomic(false)

  static var areQuick: Bool { !isSlow.load(ordering: .relaxed) }

  /// Says in which pages the addresses from `start` on are to come.
  static func use(_ areLarge: Bool, at start: UInt, _ count: Int) {
    #if !canImport(Darwin)
      madvise(
        UnsafeMutableRawPointer(bitPattern: start), count,
        areLarge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE)
    #endif
  }

  /// Touches the page at `start`, in which nobody has anything yet.
  static func take(at start: UInt) {
    #if !canImport(Darwin)
      let before = processorTime
      UnsafeMutableRawPointer(bitPattern: start)?.storeBytes(of: 0, as: UInt8.self)
      if processorTime - before > limit { isSlow.store(true, ordering: .relaxed) }
    #endif
  }

  /// Of this thread, in nanoseconds: time that others had the processor for does not count.
  private static var processorTime: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
