internal import CDnnlLoader
internal import CKernels
internal import SurgeonLibc
internal import Synchronization

/// Threads that share the iterations of a loop; asleep where there is no loop for some time.
///
/// A loop's iterations must be independent: which thread runs one is left to chance, so each has to
/// compute the same wherever it runs. There is one pool for the process, which oneDNN's loops run on,
/// too; a loop inside a loop, or beside another session's, runs on its caller's thread.
package final class ThreadPool: Sendable {
  package static let shared = ThreadPool()

  /// Processors that this process may run on.
  package static let processorCount = Int(ck_processor_count())

  /// Processors of the machine, whichever of them this process may run on.
  package static let installedProcessorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))

  /// The least work, in nanoseconds of one thread, that is shared.
  ///
  /// Handing a loop to a thread that looks for one takes a quarter of a microsecond, and what it works
  /// on has to come from this thread's cache; waking one that sleeps takes twelve. Of this much work,
  /// two threads save five: many times the former, and as much as the latter where another loop
  /// follows soon.
  package static let worthSharing = 10_000

  /// The product of numbers of a loop that multiply its work; the largest integer where that is less.
  package static func work(_ factors: Int...) -> Int {
    factors.reduce(1) { total, factor in
      let (product, overflow) = total.multipliedReportingOverflow(by: factor)
      return overflow ? .max : product
    }
  }

  private final class Job: @unchecked Sendable {
    // Unchecked: `body` is called for distinct indices, which its author promises are independent.
    let body: (_ member: Int, _ index: Int) -> Void

    init(body: @escaping (Int, Int) -> Void) { self.body = body }
  }

  /// Whether the last loop went from its last iteration to its first.
  private let wasBackwards = Atomic<Bool>(false)

  private init() {}

  /// Whether a loop goes from its last iteration to its first: of those over values every second one does.
  /// What the loop before wrote last is still in a cache where all of it has no room there, and comes first.
  private func turn(nanoseconds: Int) -> Bool {
    guard nanoseconds >= Self.worthSharing, nanoseconds < .max else { return false }
    let isBackwards = !wasBackwards.load(ordering: .relaxed)
    wasBackwards.store(isBackwards, ordering: .relaxed)
    return isBackwards
  }

  private static func runAlone(_ count: Int, backwards: Bool, _ body: (Int) -> Void) {
    for index in 0..<count { body(backwards ? count - 1 - index : index) }
  }

  /// Calls `body` for every index below `count`, on up to `threads` threads (0: one for each
  /// processor), and returns when all calls have.
  ///
  /// - Parameter nanoseconds: about what all calls take on one thread. A loop of less than
  ///   `worthSharing` is not shared. Where nothing is said, a thread's calls are made in ascending order.
  package func run(
    count: Int, threads: Int, nanoseconds: Int = .max, _ body: (Int) -> Void
  ) {
    let workers = min(threads > 0 ? threads : Self.processorCount, count)
    let isBackwards = turn(nanoseconds: nanoseconds)
    guard workers > 1, nanoseconds >= Self.worthSharing else {
      Self.runAlone(count, backwards: isBackwards, body)
      return
    }
    share(count, among: workers, inTurns: false, backwards: isBackwards) { _, index in body(index) }
  }

  /// The same for calls that need memory to work in, of `scratchSize` bytes, aligned to 64: each thread has
  /// its own, with whatever the last call there has left.
  ///
  /// - Parameter inTurns: true where neighbouring calls read what lies side by side in memory, and little
  ///   of it stays in a cache from loop to loop. Otherwise a thread begins with calls of its own, the same
  ///   ones every time.
  package func run(
    count: Int, threads: Int, nanoseconds: Int, scratchSize: Int, inTurns: Bool,
    _ body: (Int, UnsafeMutableRawPointer) -> Void
  ) {
    let wanted = min(threads > 0 ? threads : Self.processorCount, count)
    let workers = nanoseconds < Self.worthSharing ? min(1, wanted) : wanted
    // An odd number of cache lines, so that threads do not compete for the same places of a cache.
    let size = ((scratchSize + 63) / 64 | 1) * 64
    // Aligned here: the allocator's own way of doing so takes several times as long.
    let allocation = UnsafeMutableRawPointer.allocate(byteCount: workers * size + 63, alignment: 16)
    defer { allocation.deallocate() }
    let scratch = allocation.alignedUp(toMultipleOf: 64)
    let isBackwards = turn(nanoseconds: nanoseconds)
    guard workers > 1 else {
      Self.runAlone(count, backwards: isBackwards) { body($0, scratch) }
      return
    }
    share(count, among: workers, inTurns: inTurns, backwards: isBackwards) { member, index in
      body(index, scratch + member * size)
    }
  }

  private func share(
    _ count: Int, among workers: Int, inTurns: Bool, backwards: Bool,
    _ body: (_ member: Int, _ index: Int) -> Void
  ) {
    withoutActuallyEscaping(body) { body in
      let job = Job(body: body)
      dl_run_parallel(
        Int32(workers), Int64(count), inTurns ? 1 : 0, backwards ? 1 : 0,
        { context, member, index in
          guard let context else { return }
          Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().body(Int(member), Int(index))
        }, Unmanaged.passUnretained(job).toOpaque())
      withExtendedLifetime(job) {}
    }
  }
}
