internal import CDnnlLoader
internal import CKernels
internal import SurgeonLibc

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
    let body: (Int) -> Void

    init(body: @escaping (Int) -> Void) { self.body = body }
  }

  private init() {}

  /// Calls `body` for every index below `count`, on up to `threads` threads (0: one for each
  /// processor), and returns when all calls have.
  ///
  /// - Parameter nanoseconds: about what all calls take on one thread. A loop of less than
  ///   `worthSharing` is not shared.
  package func run(
    count: Int, threads: Int, nanoseconds: Int = .max, _ body: (Int) -> Void
  ) {
    let workers = min(threads > 0 ? threads : Self.processorCount, count)
    guard workers > 1, nanoseconds >= Self.worthSharing else {
      for index in 0..<count { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let job = Job(body: body)
      dl_run_parallel(
        Int32(workers), Int64(count),
        { context, index in
          guard let context else { return }
          Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().body(Int(index))
        }, Unmanaged.passUnretained(job).toOpaque())
      withExtendedLifetime(job) {}
    }
  }
}
