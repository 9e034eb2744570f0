internal import CDnnlLoader
internal import SurgeonThreads

/// How many threads a convolution is made for, and how many may execute it.
///
/// oneDNN cuts a convolution's sums to suit the number of threads that it makes the primitive for,
/// and so rounds differently for another number. Made for every processor of the machine and
/// executed by as many threads as asked for, it gives the same bits for any number.
struct ThreadPlan {
  /// Cut for many more threads than execute it, a convolution is slow (a network of small ones
  /// takes a fifth longer on one thread of a plan for 16, twice as long of one for 64).
  private static let largest = 16

  /// The number that the primitive is made for.
  let planned: Int
  /// How many of them execute it; 0: all.
  let limit: Int

  /// - Parameters:
  ///   - threads: those that the caller allows; 0: one for each processor.
  ///   - isShared: false where sharing the work would take longer than the work.
  init(_ threads: Int, isShared: Bool) {
    let installed = min(ThreadPool.installedProcessorCount, Self.largest)
    let threads = min(threads > 0 ? threads : ThreadPool.processorCount, installed)
    // Without the means to limit it (an OpenMP runtime other than GCC's and LLVM's), a primitive
    // is made for the threads that execute it.
    let canLimit = dl_can_limit_threads() != 0
    planned = isShared ? (canLimit ? installed : threads) : 1
    limit = threads < planned ? threads : 0
  }
}
