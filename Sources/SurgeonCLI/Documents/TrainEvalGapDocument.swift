internal import SurgeonVerify

/// The distance between training mode and inference mode in JSON.
struct TrainEvalGapDocument: Encodable {
  struct Site: Encodable {
    var node: String
    var channels: Int
    var positions: Double
    var meanDistance: Double
    var shift: Double
    var deviationDistance: Double
    var gap: Double
  }

  struct Output: Encodable {
    var name: String
    var gap: Double
  }

  var batches: Int
  var outputs: [Output]
  /// In order of execution.
  var batchNormalizations: [Site]
  var skipped: [SkippedShape]

  init(_ gap: TrainEvalGap) {
    batches = gap.batches
    outputs = gap.outputs.map { Output(name: $0.name, gap: $0.gap) }
    batchNormalizations = gap.sites.map {
      Site(
        node: $0.name, channels: $0.channels, positions: $0.count, meanDistance: $0.meanDistance,
        shift: $0.shift, deviationDistance: $0.deviationDistance, gap: $0.gap)
    }
    skipped = gap.skipped.map { SkippedShape(node: $0.name, reason: $0.reason) }
  }
}
