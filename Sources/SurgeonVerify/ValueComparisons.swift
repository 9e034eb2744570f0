internal import SurgeonIR

/// Comparisons of the values of two runs, each made when both sides are there. A value that is computed
/// several times, in a body, is compared in the order in which it is.
struct ValueComparisons {
  private let counterparts: [Value.ID: Value.ID]
  private let scores: Set<Value.ID>
  /// The values of the first model that a value of the second is compared with.
  private var origins: [Value.ID: [Value.ID]] = [:]
  /// By the value of the first model.
  private var waitingBefore: [Value.ID: [Datum]] = [:]
  private var waitingAfter: [Value.ID: [Datum]] = [:]
  private(set) var results: [Value.ID: DatumComparison] = [:]
  private(set) var partings: [Value.ID: LockStep.Parting] = [:]
  private let tolerance: @Sendable (ElementType) -> Tolerance
  private var sample = 0
  private var order = 0

  /// - Parameter scores: values of the first model whose classes are ranked.
  init(
    _ counterparts: [Value.ID: Value.ID], scores: Set<Value.ID>,
    tolerance: @escaping @Sendable (ElementType) -> Tolerance
  ) {
    self.counterparts = counterparts
    self.scores = scores
    self.tolerance = tolerance
    for (before, after) in counterparts { origins[after, default: []].append(before) }
  }

  mutating func receive(_ datum: Datum, before value: Value.ID) throws(SurgeonError) {
    guard counterparts[value] != nil else { return }
    if let other = Self.next(value, &waitingAfter) {
      try compare(value, datum, other)
    } else {
      waitingBefore[value, default: []].append(datum)
    }
  }

  mutating func receive(_ datum: Datum, after value: Value.ID) throws(SurgeonError) {
    for origin in origins[value] ?? [] {
      if let other = Self.next(origin, &waitingBefore) {
        try compare(origin, other, datum)
      } else {
        waitingAfter[origin, default: []].append(datum)
      }
    }
  }

  /// Frees what still waits. A value of a body that one model alone computed, or computed more often,
  /// is a difference: another branch was taken, or a loop ended elsewhere.
  mutating func endSample(isInMainGraph: (Value.ID) -> Bool) {
    for (waiting, model) in [(waitingBefore, "first"), (waitingAfter, "second")] {
      for value in waiting.keys where !isInMainGraph(value) {
        results[value, default: DatumComparison()].note(
          "computed more often in the \(model) model")
        notePartingOf(value)
      }
    }
    waitingBefore = [:]
    waitingAfter = [:]
    sample += 1
    order = 0
  }

  private static func next(_ value: Value.ID, _ queues: inout [Value.ID: [Datum]]) -> Datum? {
    guard let first = queues[value]?.first else { return nil }
    queues[value]?.removeFirst()
    if queues[value]?.isEmpty ?? false { queues[value] = nil }
    return first
  }

  private mutating func compare(
    _ value: Value.ID, _ a: Datum, _ b: Datum
  ) throws(SurgeonError) {
    let fresh = DatumComparison(ranksClasses: scores.contains(value))
    try results[value, default: fresh].add(a, b)
    notePartingOf(value)
  }

  /// Of the samples with which a value parts, the one in which it does earliest counts.
  private mutating func notePartingOf(_ value: Value.ID) {
    defer { order += 1 }
    guard let comparison = results[value],
      comparison.exceeds(tolerance(comparison.elementType ?? .float32))
    else { return }
    if let known = partings[value], known.order <= order { return }
    partings[value] = LockStep.Parting(sample: sample, order: order)
  }
}
