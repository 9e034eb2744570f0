public import SurgeonData
public import SurgeonIR
internal import SurgeonRules
public import SurgeonRuntime

/// Runs two models with the same inputs and compares their outputs.
///
/// ```swift
/// let report = try Verifier().verify(before, after, samples: RandomInputs(for: before))
/// ```
public struct Verifier: Sendable {
  public struct Options: Sendable {
    public var precision = SessionOptions.Precision.single
    /// Bounds for every output; nil for what rounding may do to its type.
    public var absoluteTolerance: Double?
    public var relativeTolerance: Double?
    /// Tolerances of single outputs, by name.
    public var tolerances: [String: Tolerance] = [:]
    public var engine = SessionOptions.Engine.fast
    public var threads = 0
    /// Sizes of symbolic dimensions.
    public var dimensions: [String: Int] = [:]
    /// Where operators that draw random numbers start, in both models.
    public var seed: UInt64 = 0
    /// Repeats a failed comparison in Float64, to tell rounding from a mistake.
    public var confirmsInDouble = true

    public init() {}
  }

  public var options: Options

  public init(options: Options = Options()) { self.options = options }

  /// Compares the outputs of two models over `samples`, which are samples for the first.
  ///
  /// Inputs and outputs are counterparts by name, or by position where the names differ. An input
  /// that the second model alone has keeps its default: a stateful model is compared at its initial
  /// state.
  ///
  /// One sample costs the memory of one run and its outputs, and each model brings its weights into
  /// the engine's arrangement node by node; both models stay prepared where there are more samples.
  ///
  /// - Parameter progress: called with the part that is done, from 0 to 1.
  /// - Throws: what reading samples or running either model throws; `impossible` where the second
  ///   model wants an input that the first does not have.
  public func verify(
    _ before: Model, _ after: Model, samples: any SampleSource,
    progress: (Double) -> Void = { _ in }
  ) throws(SurgeonError) -> VerificationReport {
    var report = try compare(before, after, samples, options.precision, progress)
    if options.confirmsInDouble, options.precision == .single, report.verdict == .different,
      report.outputsOnlyBefore.isEmpty,
      report.outputs.allSatisfy({ $0.finding != .incomparable })
    {
      report.doubleOutputs = try compare(before, after, samples, .double, progress).outputs
    }
    if report.verdict == .different {
      let bad = report.outputs.filter { !$0.isGood }
      (report.randomNodesBefore, report.randomNodesAfter) = RandomNode.unpaired(
        try before.randomNodes(computing: before.outputs(named: Set(bad.map(\.name)))),
        try after.randomNodes(computing: after.outputs(named: Set(bad.map(\.nameAfter)))))
    }
    return report
  }

  private func compare(
    _ before: Model, _ after: Model, _ samples: any SampleSource,
    _ precision: SessionOptions.Precision, _ progress: (Double) -> Void
  ) throws(SurgeonError) -> VerificationReport {
    let pairing = try InterfacePairing(before, after)
    // State has a number for each channel, and no scores of classes.
    let states = Set(StatePairs.find(in: before).map { before[$0.next].name })
    var comparisons = pairing.outputs.map {
      DatumComparison(ranksClasses: !states.contains($0.name))
    }
    var options = sessionOptions(precision)
    options.runsOnce = samples.count == 1
    let pool = BufferPool()
    var first = SessionHolder(model: before, options: options, pool: pool)
    var second = SessionHolder(model: after, options: options, pool: pool)
    let steps = Double(2 * samples.count)
    for index in 0..<samples.count {
      let inputs = try samples.sample(index)
      let reference = try first.run(inputs)
      progress(Double(2 * index + 1) / steps)
      let other = try second.run(pairing.inputsAfter(inputs))
      progress(Double(2 * index + 2) / steps)
      for (position, pair) in pairing.outputs.enumerated() {
        try comparisons[position].add(reference[pair.before].value, other[pair.after].value)
      }
    }
    let outputs = zip(pairing.outputs, comparisons).map { pair, comparison in
      output(pair, comparison, precision)
    }
    return VerificationReport(
      outputs: outputs, outputsOnlyBefore: pairing.outputsOnlyBefore,
      outputsOnlyAfter: pairing.outputsOnlyAfter, samples: samples.count)
  }

  private func output(
    _ pair: InterfacePairing.Output, _ comparison: DatumComparison,
    _ precision: SessionOptions.Precision
  ) -> VerificationReport.Output {
    let drift = comparison.drift
    let tolerance =
      options.tolerances[pair.name] ?? self.tolerance(comparison.elementType, precision)
    let finding: VerificationReport.Output.Finding =
      if comparison.mismatch != nil {
        .incomparable
      } else if drift.isZero {
        .identical
      } else {
        tolerance.holds(for: drift) ? .within : .exceeds
      }
    return VerificationReport.Output(
      name: pair.name, nameAfter: pair.nameAfter, drift: drift, tolerance: tolerance,
      finding: finding, mismatch: comparison.mismatch, argmax: comparison.argmax)
  }

  private func tolerance(
    _ elementType: ElementType?, _ precision: SessionOptions.Precision
  ) -> Tolerance {
    let type = elementType ?? .float32
    var tolerance =
      precision == .double && type == .float64
      ? Tolerance.float32Constants : .rounding(of: type)
    if let bound = options.absoluteTolerance { tolerance.absolute = bound }
    if let bound = options.relativeTolerance { tolerance.relative = bound }
    return tolerance
  }

  private func sessionOptions(_ precision: SessionOptions.Precision) -> SessionOptions {
    var options = SessionOptions()
    options.precision = precision
    options.engine = self.options.engine
    options.threads = self.options.threads
    options.seed = self.options.seed
    options.dimensions = self.options.dimensions
    return options
  }
}

extension Model {
  fileprivate func outputs(named names: Set<String>) -> [Value.ID] {
    self[mainGraph].outputs.filter { names.contains(self[$0].name) }
  }
}

/// A session that is made when it is first needed. It stays until the comparison is done, so that
/// the other model's session takes over the weights that it has rearranged, where they are kept.
private struct SessionHolder {
  let model: Model
  let options: SessionOptions
  /// The memory of values, which the two models use in turns.
  let pool: BufferPool
  private var session: Session?

  init(model: Model, options: SessionOptions, pool: BufferPool) {
    self.model = model
    self.options = options
    self.pool = pool
  }

  mutating func run(
    _ inputs: [String: Datum]
  ) throws(SurgeonError) -> [(name: String, value: Datum)] {
    let current: Session
    if let session {
      current = session
    } else {
      current = try Session(model, options: options, pool: pool)
    }
    session = current
    return try current.run(inputs)
  }
}
