internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// A stage made ready to run, on one sample or on several as one.
final class StageRun: Sendable {
  private let stage: CalibrationStage
  private let prepare: @Sendable (Model) throws(SurgeonError) -> Session
  /// Runs the stage with any number of rows.
  let session: Session
  /// The model as it is, and the rows of a sample that it is to be run with, where `session` runs
  /// one that leaves them open.
  private let fixed: (model: Model, rows: Int)?
  private let wanted: Set<String>
  private let gauge: StageGauge

  /// - Parameters:
  ///   - independence: where several samples are to run as one.
  ///   - pool: shared by all stages, whose values go from one to the next.
  ///   - isPrepared: as for a `Session`.
  init(
    _ stage: CalibrationStage, of model: StageModel, types: TypeTable,
    independence: SampleIndependence?,
    options: SessionOptions, pool: BufferPool, isPrepared: Bool
  ) throws(SurgeonError) {
    self.stage = stage
    let gauge = StageGauge(stage)
    self.gauge = gauge
    var options = options
    options.optimize = true
    prepare = { [options] (model) throws(SurgeonError) in
      try Session(
        stage.part, of: model, types: types, observing: gauge.observed, consuming: stage.lastUses,
        options: options, pool: pool, isPrepared: isPrepared)
    }
    if let independence, let free = model.free, independence.isFreed(stage.part) {
      session = try prepare(free)
      fixed = (model.plain, independence.rows)
    } else {
      session = try prepare(model.plain)
      fixed = nil
    }
    wanted = Set(session.inputs.map(\.name))
  }

  /// The session for what is given: samples that differ from the first in their rows are for the
  /// model as it is.
  private func session(
    for inputs: [String: RuntimeValue], count: Int
  ) throws(SurgeonError) -> Session {
    guard let fixed, inputs.values.contains(where: { $0.shape?.first != fixed.rows * count }) else {
      return session
    }
    return try prepare(fixed.model)
  }

  /// Runs the stage and measures what its sites see while it is still in the caches.
  ///
  /// - Returns: the outputs of the stage by name, and the moments, none where nothing is to be
  ///   measured.
  /// - Throws: `invalidData` where what a site sees is not finite.
  func run(
    _ values: [String: RuntimeValue], of samples: [Int], measuring isMeasuring: Bool
  ) throws(SurgeonError) -> (
    outputs: [(name: String, value: RuntimeValue)], seen: [StageGauge.Seen]
  ) {
    let inputs = values.filter { wanted.contains($0.key) }
    var reading = StageGauge.Reading(gauge, of: samples, threads: session.options.threads)
    let outputs = try session(for: inputs, count: samples.count).run(
      layouts: inputs, observing: isMeasuring ? gauge.observed : []
    ) { (id, value) throws(SurgeonError) in try reading.take(id, value) }
    if isMeasuring { try reading.requireAll() }
    return (outputs, reading.seen)
  }
}
