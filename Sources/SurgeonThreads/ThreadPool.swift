internal import CDnnlLoader
internal import CKernels
internal import SurgeonLibc
internal import Synchronization

/// Threads that share the iterations of a loop; asleep between loops.
///
/// A loop's iterations must be independent: which thread runs one is left to chance, so each has to
/// compute the same wherever it runs. There is one pool for the process; a loop inside a loop, or
/// beside another session's, runs on its caller's thread.
package final class ThreadPool: @unchecked Sendable {
  // Unchecked: everything mutable is guarded by `mutex`, except `owner`, which is atomic.

  package static let shared = ThreadPool()

  /// Processors that this process may run on.
  package static let processorCount = Int(ck_processor_count())

  /// Processors of the machine, whichever of them this process may run on.
  package static let installedProcessorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let isTaken = Atomic<Bool>(false)
  private var workerCount = 0
  private var job: Job?
  /// Tells a worker that has done its part of a job from one that has not.
  private var generation = 0
  /// Workers that may still join the job, and those that are at it.
  private var vacancies = 0
  private var active = 0

  private final class Job: @unchecked Sendable {
    // Unchecked: `body` is called for distinct indices, which its author promises are independent.
    let count: Int
    let body: (Int) -> Void
    let next = Atomic<Int>(0)

    init(count: Int, body: @escaping (Int) -> Void) {
      self.count = count
      self.body = body
    }

    func work() {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }

  private init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(work, nil)
    pthread_cond_init(done, nil)
  }

  /// Calls `body` for every index below `count`, on up to `threads` threads (0: one for each
  /// processor), and returns when all calls have.
  package func run(count: Int, threads: Int, _ body: (Int) -> Void) {
    let helpers = min(threads > 0 ? threads : Self.processorCount, count) - 1
    guard helpers > 0,
      isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else {
      for index in 0..<count { body(index) }
      return
    }
    defer { isTaken.store(false, ordering: .releasing) }
    withoutActuallyEscaping(body) { body in
      let job = Job(count: count, body: body)
      if borrowThreads(for: job, count: helpers + 1) { return }
      open(job, helpers: helpers)
      job.work()
      close()
    }
  }

  /// Where oneDNN is loaded, the threads of its loops do the work: two pools would wake each other up.
  private func borrowThreads(for job: Job, count: Int) -> Bool {
    let context = Unmanaged.passUnretained(job).toOpaque()
    return dl_run_parallel(
      Int32(count),
      { context in
        guard let context else { return }
        Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().work()
      }, context) != 0
  }

  private func open(_ job: Job, helpers: Int) {
    pthread_mutex_lock(mutex)
    while workerCount < helpers, startWorker() { workerCount += 1 }
    self.job = job
    generation += 1
    vacancies = helpers
    pthread_cond_broadcast(work)
    pthread_mutex_unlock(mutex)
  }

  /// Waits for the workers that joined; nobody joins any more.
  private func close() {
    pthread_mutex_lock(mutex)
    vacancies = 0
    while active > 0 { pthread_cond_wait(done, mutex) }
    job = nil
    pthread_mutex_unlock(mutex)
  }

  /// False where the system refuses another thread; the loop then has fewer.
  private func startWorker() -> Bool {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    guard
      pthread_create(
        &thread, nil,
        { _ in
          ThreadPool.shared.serve()
          return nil
        }, nil) == 0
    else { return false }
    #if canImport(Darwin)
      if let thread { pthread_detach(thread) }
    #else
      pthread_detach(thread)
    #endif
    return true
  }

  private func serve() {
    var seen = 0
    pthread_mutex_lock(mutex)
    while true {
      guard let job, generation != seen, vacancies > 0 else {
        pthread_cond_wait(work, mutex)
        continue
      }
      seen = generation
      vacancies -= 1
      active += 1
      pthread_mutex_unlock(mutex)
      job.work()
      pthread_mutex_lock(mutex)
      active -= 1
      if active == 0 { pthread_cond_signal(done) }
    }
  }
}
