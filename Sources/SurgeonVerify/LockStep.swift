public import SurgeonData
public import SurgeonDiff
public import SurgeonIR
public import SurgeonRuntime

/// Runs two models side by side and compares every value of one with its counterpart in the other,
/// those of bodies and functions as often as they are computed.
///
/// The two runs advance in turns, a node each. A value is kept until its counterpart is there, and
/// freed as soon as both are compared, so that memory stays that of two inferences. (The values of a
/// Loop's body wait until the other model has run its Loop.)
public struct LockStep: Sendable {
  /// How far a value of the first model and its counterpart lie apart.
  public struct ValueDrift: Sendable {
    public var before: Value.ID
    public var after: Value.ID
    public var name: String
    public var nameAfter: String
    /// The operator that computes it in the first model.
    public var opType: String
    /// The body or function that it is in, in words; nil for the main graph.
    public var place: String?
    /// Its place in the first model's order of execution, from 0.
    public var position: Int
    public var drift: Drift
    /// Why the two cannot be compared number by number.
    public var mismatch: String?
    public var tolerance: Tolerance
    /// Of an output of the model that holds scores of classes.
    public var argmax: ArgmaxChange?
    /// When the two were first further apart than rounding explains; nil where they never were.
    public var parting: Parting?

    /// True where the two are further apart than rounding explains.
    public var isDivergence: Bool { mismatch != nil || !tolerance.holds(for: drift) }
  }

  /// A comparison that was the first of a value to fail.
  public struct Parting: Sendable, Hashable {
    /// From 0.
    public var sample: Int
    /// How many comparisons of the sample came before it. A value of a Loop's body may part in the
    /// second round because of one that did in the first.
    public var order: Int
  }

  private let before: Model
  private let after: Model
  private let first: Session
  private let second: Session
  private let interface: InterfacePairing
  private let values: ValuePairing
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
    interface = try InterfacePairing(before, after)
    values = ValuePairing(before, after, correspondence)
    let isDouble = options.precision == .double
    tolerance = { type in
      isDouble && type == .float64 ? .float32Constants : .rounding(of: type)
    }
  }

  /// The drift of every value that has a counterpart, over all samples, in the first model's order.
  ///
  /// - Parameter progress: called with the part that is done, from 0 to 1.
  /// - Throws: what the samples and running either model throw.
  public func run(
    _ samples: any SampleSource, progress: (Double) -> Void = { _ in }
  ) throws(SurgeonError) -> [ValueDrift] {
    var comparisons = ValueComparisons(
      values.counterparts, scores: Set(before[before.mainGraph].outputs), tolerance: tolerance)
    for index in 0..<samples.count {
      try run(try samples.sample(index), &comparisons)
      comparisons.endSample { values.places[$0]?.graph == nil }
      progress(Double(index + 1) / Double(samples.count))
    }
    return comparisons.results.map { value, comparison in
      var drift = describe(value, comparison)
      drift.parting = comparisons.partings[value]
      return drift
    }.sorted { $0.position < $1.position }
  }

  private func run(
    _ inputs: [String: Datum], _ comparisons: inout ValueComparisons
  ) throws(SurgeonError) {
    var (a, b) = (try first.start(inputs), try second.start(interface.inputsAfter(inputs)))
    let observedA = Set(values.counterparts.keys)
    let observedB = Set(values.counterparts.values)
    var (advancesA, advancesB) = (true, true)
    while advancesA || advancesB {
      if advancesA {
        advancesA = try a.advance(observing: observedA) { (seen) throws(SurgeonError) in
          try comparisons.receive(seen.datum, before: seen.value)
        }
      }
      if advancesB {
        advancesB = try b.advance(observing: observedB) { (seen) throws(SurgeonError) in
          try comparisons.receive(seen.datum, after: seen.value)
        }
      }
    }
  }

  private func describe(_ value: Value.ID, _ comparison: DatumComparison) -> ValueDrift {
    let other = values.counterparts[value] ?? value
    let place = values.places[value]
    return ValueDrift(
      before: value, after: other, name: before[value].name, nameAfter: after[other].name,
      opType: place?.opType ?? "", place: place?.graph, position: place?.position ?? 0,
      drift: comparison.drift,
      mismatch: comparison.mismatch, tolerance: tolerance(comparison.elementType ?? .float32),
      argmax: comparison.argmax)
  }
}
