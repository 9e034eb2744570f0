internal import Synchronization

/// Counts what is spent on preparing in this process, on all threads together.
final class PreparationMeter: Sendable {
  static let library = PreparationMeter()
  static let primitives = PreparationMeter()
  static let weights = PreparationMeter()
  static let ahead = PreparationMeter()

  private let nanoseconds = Atomic<Int64>(0)
  private let total = Atomic<Int>(0)

  var duration: Duration { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }
  /// What was prepared, in the meter's unit.
  var amount: Int { total.load(ordering: .relaxed) }

  func start() -> ContinuousClock.Instant { .now }

  func stop(_ start: ContinuousClock.Instant, amount: Int = 0) {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    nanoseconds.add(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
    total.add(amount, ordering: .relaxed)
  }

  func measure<Result>(amount: Int = 0, _ body: () -> Result) -> Result {
    let begin = start()
    defer { stop(begin, amount: amount) }
    return body()
  }
}

/// What this process has spent so far on preparing to run, beside computing.
public struct PreparationTimes: Sendable {
  /// Loading oneDNN.
  public var library: Duration
  /// Compiling operations for their shapes, summed over threads, and how many.
  public var primitives: Duration
  public var primitiveCount: Int
  /// Rearranging constant weights, summed over threads, and their bytes.
  public var weights: Duration
  public var weightBytes: Int
  /// Wall time of preparing ahead of first runs, on several threads; part of the two above.
  public var ahead: Duration

  public static var ofProcess: Self {
    Self(
      library: PreparationMeter.library.duration,
      primitives: PreparationMeter.primitives.duration,
      primitiveCount: PreparationMeter.primitives.amount,
      weights: PreparationMeter.weights.duration,
      weightBytes: PreparationMeter.weights.amount,
      ahead: PreparationMeter.ahead.duration)
  }
}
