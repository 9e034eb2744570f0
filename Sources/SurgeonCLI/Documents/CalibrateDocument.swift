internal import SurgeonCalibrate
internal import SurgeonVerify

/// What `surgeon calibrate --json` prints.
struct CalibrateDocument: Encodable {
  struct Channel: Encodable {
    var channel: Int
    var oldMean: Double
    var newMean: Double
    var oldVar: Double
    var newVar: Double
    var distance: Double
  }

  struct Site: Encodable {
    var node: String
    var group: Int
    var channels: Int
    var elementsPerChannel: Double
    var wasTraining: Bool
    var constantChannels: [Int]
    var distance: Double?
    var moved: [Channel]
  }

  struct Output: Encodable {
    struct Own: Encodable { var name: String }

    private let merged: Merged<DriftShape, Own>

    init(name: String, drift: Drift) {
      merged = Merged(DriftShape(drift), Own(name: name))
    }

    func encode(to encoder: any Encoder) throws { try merged.encode(to: encoder) }
  }

  var mode: String?
  var completeGroups: Int?
  var groupCount: Int?
  var statsPath: String?
  var outputPath: String?
  var batchNormalizations: [Site]?
  var skipped: [SkippedShape]?
  var outputs: [Output]?
  var warnings: [String]

  init(_ outcome: CalibrationOutcome) {
    mode = outcome.statistics?.mode.rawValue
    completeGroups = outcome.statistics?.completeGroups
    groupCount = outcome.statistics?.groupCount
    statsPath = outcome.statisticsPath
    outputPath = outcome.outputPath
    warnings = outcome.warnings
    batchNormalizations = outcome.report?.sites.map { site in
      Site(
        node: site.name, group: site.group, channels: site.channelCount,
        elementsPerChannel: site.count, wasTraining: site.wasTraining,
        constantChannels: site.constantChannels, distance: site.distance,
        moved: site.moved.map {
          Channel(
            channel: $0.index, oldMean: $0.oldMean, newMean: $0.newMean, oldVar: $0.oldVariance,
            newVar: $0.newVariance, distance: $0.distance)
        })
    }
    skipped = outcome.report?.skipped.map { SkippedShape(node: $0.name, reason: $0.reason) }
    outputs = outcome.drift?.outputs.map { Output(name: $0.name, drift: $0.drift) }
  }
}
