internal import SurgeonRules
internal import SurgeonVerify

/// What `surgeon verify --bisect` found, in JSON.
struct BisectionDocument: Encodable {
  struct Trial: Encodable {
    var node: String
    var target: String
    var breaks: Bool
    var maxAbsoluteError: Double
    var maxRelativeError: Double

    init(_ trial: Bisection.Trial) {
      node = trial.name
      target = trial.target.rawValue
      breaks = trial.breaks
      maxAbsoluteError = trial.report.outputs.map(\.drift.maxAbsolute).max() ?? 0
      maxRelativeError = trial.report.outputs.map(\.drift.relative).max() ?? 0
    }
  }

  /// The smallest set that breaks the tolerance; empty where all together hold.
  var culprits: [String]
  /// The culprits together.
  var joint: VerificationDocument?
  /// Each rewrite alone, the largest error first; none where all together hold.
  var trials: [Trial]

  init(_ bisection: Bisection, precision: String) {
    culprits = bisection.culprits
    joint = bisection.joint.map { VerificationDocument($0, precision: precision) }
    trials = bisection.trials.map(Trial.init)
  }
}
