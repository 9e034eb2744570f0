internal import SurgeonRuntime

/// What was done before the first result, in wall time.
struct FirstResult {
  /// Reading the model.
  var reading = Duration.zero
  /// Loading oneDNN.
  var library = Duration.zero
  /// Making the session, beside that.
  var planning = Duration.zero
  /// Preparing kernels ahead of the first run, on several threads.
  var preparing = Duration.zero
  /// The first run, with what it prepared itself.
  var running = Duration.zero
  /// What was compiled and rearranged, the times summed over threads.
  var preparation: PreparationTimes

  /// - Parameters:
  ///   - start: when the command began to read the model.
  ///   - read: when it had; `planned`, when the session was made; `end`, when the first run was over.
  ///   - preparation: of the process up to then.
  init(
    start: ContinuousClock.Instant, read: ContinuousClock.Instant,
    planned: ContinuousClock.Instant, end: ContinuousClock.Instant, preparation: PreparationTimes
  ) {
    self.preparation = preparation
    reading = read - start
    library = preparation.library
    planning = planned - read - preparation.library
    preparing = preparation.ahead
    running = end - planned - preparation.ahead
  }

  var total: Duration { reading + library + planning + preparing + running }
}
