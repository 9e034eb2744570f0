internal import SurgeonRuntime
internal import SurgeonVerify

/// What `surgeon run --json` prints.
struct RunDocument: Encodable {
  struct Value: Encodable {
    var name: String
    var type: String
    var shape: [Int]?
    var min: Double?
    var max: Double?
    var mean: Double?
    var std: Double?
    var nonFinite: Int?

    init(_ summary: ValueSummary) {
      name = summary.name
      type = summary.type
      shape = summary.shape
      min = summary.statistics?.minimum
      max = summary.statistics?.maximum
      mean = summary.statistics?.mean
      std = summary.statistics?.deviation
      nonFinite = summary.statistics?.nonFinite
    }
  }

  struct OperatorTime: Encodable {
    var opType: String
    var engine: String
    var calls: Int
    var reorders: Int
    var ms: Double
  }

  /// Wall times of what came before the first result; those of primitives and weights are summed
  /// over threads.
  struct Beginning: Encodable {
    var readMs: Double
    var libraryMs: Double
    var planMs: Double
    var prepareMs: Double
    var runMs: Double
    var primitiveCount: Int
    var primitivesMs: Double
    var weightBytes: Int
    var weightsMs: Double

    init(_ first: FirstResult) {
      readMs = first.reading.milliseconds
      libraryMs = first.library.milliseconds
      planMs = first.planning.milliseconds
      prepareMs = first.preparing.milliseconds
      runMs = first.running.milliseconds
      primitiveCount = first.preparation.primitiveCount
      primitivesMs = first.preparation.primitives.milliseconds
      weightBytes = first.preparation.weightBytes
      weightsMs = first.preparation.weights.milliseconds
    }
  }

  var samples: Int
  /// Of the first sample.
  var outputs: [Value]
  var outputPath: String?
  var repeatCount: Int
  var medianMs: Double?
  var minMs: Double?
  var peakBytes: Int
  var profile: [OperatorTime]?
  var firstResult: Beginning?

  init(_ summary: RunSummary, outputPath: String?) {
    samples = summary.samples
    outputs = summary.outputs.map(Value.init)
    self.outputPath = outputPath
    repeatCount = summary.durations.count
    medianMs = summary.medianMilliseconds
    minMs = summary.minimumMilliseconds
    peakBytes = summary.peakBytes
    profile = summary.profile?.map {
      OperatorTime(
        opType: $0.opType, engine: $0.engine, calls: $0.calls, reorders: $0.reorders,
        ms: $0.duration.milliseconds)
    }
    firstResult = summary.firstResult.map(Beginning.init)
  }
}
