public import SurgeonDiff
public import SurgeonIR
public import SurgeonRuntime

/// Runs two models side by side and compares every value of one with its counterpart in the other.
///
/// The two runs advance in turns, a node each. A value is kept until its counterpart is there, and
/// freed as soon as both are compared, so that memory stays that of two inferences.
public struct LockStep: Sendable {
  /// How far a value of the first model and its counterpart lie apart.
  public struct ValueDrift: Sendable {
    public var before: Value.ID
    public var after: Value.ID
    public var name: String
    public var nameAfter: String
    /// The operator that computes it in the first model.
    public var opType: String
    /// Its place in the first model's order of execution, from 0.
    public var position: Int
    public var drift: Drift
    /// Why the two cannot be compared number by number.
    public var mismatch: String?
    public var tolerance: Tolerance

    /// True where the two are further apart than rounding explains.
    public var isDivergence: Bool { mismatch != nil || !tolerance.holds(for: drift) }
  }

  private let before: Model
  private let after: Model
  private let first: Session
  private let second: Session
  private let pairing: InterfacePairing
  private let counterparts: [Value.ID: Value.ID]
  private let positions: [Value.ID: (position: Int, opType: String)]
  private let tolerance: @Sendable (ElementType) -> Tolerance

  /// - Parameters:
  ///   - correspondence: which value is which, as a `StructuralDiff` finds it.
  ///   - options: how both models run.
  /// - Throws: what preparing either model throws.
  public init(
    _ before: Model, _ after: Model, correspondence: Correspondence,
    options: SessionOptions = SessionOptions()
  ) throws(SurgeonError) {
    self.before = before
    self.after = after
    first = try Session(before, options: options)
    second = try Session(after, options: options)
    pairing = try InterfacePairing(before, after)
    let isDouble = options.precision == .double
    tolerance = { type in
      isDouble && type == .float64 ? .float32Constants : .rounding(of: type)
    }
    var counterparts: [Value.ID: Value.ID] = [:]
    var positions: [Value.ID: (position: Int, opType: String)] = [:]
    for node in before.nodes(of: before.mainGraph) {
      for case let output? in before[node].outputs {
        positions[output] = (positions.count, before[node].opType)
        guard let other = correspondence.after(output) ?? Self.namesake(of: output, before, after)
        else { continue }
        counterparts[output] = other
      }
    }
    self.counterparts = counterparts
    self.positions = positions
  }

  /// A value that a replacement took over under its name.
  private static func namesake(of value: Value.ID, _ before: Model, _ after: Model) -> Value.ID? {
    guard let other = after.value(named: before[value].name, in: after.mainGraph),
      after[other].producer != nil
    else { return nil }
    return other
  }

  /// The drift of every value that has a counterpart, in the first model's order.
  ///
  /// - Throws: what running either model throws.
  public func run(_ inputs: [String: Datum]) throws(SurgeonError) -> [ValueDrift] {
    var run = PairRun(counterparts)
    var (a, b) = (try first.start(inputs), try second.start(pairing.inputsAfter(inputs)))
    let (observedA, observedB) = (Set(counterparts.keys), Set(counterparts.values))
    var (advancesA, advancesB) = (true, true)
    while advancesA || advancesB {
      if advancesA {
        advancesA = try a.advance(observing: observedA) { (seen) throws(SurgeonError) in
          try run.receive(seen.datum, before: seen.value)
        }
      }
      if advancesB {
        advancesB = try b.advance(observing: observedB) { (seen) throws(SurgeonError) in
          try run.receive(seen.datum, after: seen.value)
        }
      }
    }
    return run.comparisons.map { value, comparison in
      describe(value, comparison)
    }.sorted { $0.position < $1.position }
  }

  private func describe(_ value: Value.ID, _ comparison: DatumComparison) -> ValueDrift {
    let other = counterparts[value] ?? value
    let place = positions[value] ?? (0, "")
    return ValueDrift(
      before: value, after: other, name: before[value].name, nameAfter: after[other].name,
      opType: place.opType, position: place.position, drift: comparison.drift,
      mismatch: comparison.mismatch, tolerance: tolerance(comparison.elementType ?? .float32))
  }
}

/// Values of two runs that wait for their counterparts.
private struct PairRun {
  private let counterparts: [Value.ID: Value.ID]
  /// The values of the first model that a value of the second is compared with.
  private var origins: [Value.ID: [Value.ID]] = [:]
  private var waitingBefore: [Value.ID: Datum] = [:]
  private var waitingAfter: [Value.ID: (datum: Datum, remaining: Int)] = [:]
  private(set) var comparisons: [Value.ID: DatumComparison] = [:]

  init(_ counterparts: [Value.ID: Value.ID]) {
    self.counterparts = counterparts
    for (before, after) in counterparts { origins[after, default: []].append(before) }
  }

  mutating func receive(_ datum: Datum, before value: Value.ID) throws(SurgeonError) {
    guard let other = counterparts[value] else { return }
    if let waiting = waitingAfter[other] {
      try compare(value, datum, waiting.datum)
      waitingAfter[other] =
        waiting.remaining > 1 ? (waiting.datum, waiting.remaining - 1) : nil
    } else {
      waitingBefore[value] = datum
    }
  }

  mutating func receive(_ datum: Datum, after value: Value.ID) throws(SurgeonError) {
    var remaining = 0
    for origin in origins[value] ?? [] {
      if let waiting = waitingBefore.removeValue(forKey: origin) {
        try compare(origin, waiting, datum)
      } else if comparisons[origin] == nil {
        remaining += 1
      }
    }
    if remaining > 0 { waitingAfter[value] = (datum, remaining) }
  }

  private mutating func compare(
    _ value: Value.ID, _ a: Datum, _ b: Datum
  ) throws(SurgeonError) {
    try comparisons[value, default: DatumComparison()].add(a, b)
  }
}
