internal import SurgeonVerify

/// A verification in JSON: the value of `verification` in `rewrite`, the whole document in `verify`.
struct VerificationDocument: Encodable {
  struct Output: Encodable {
    var name: String
    var nameAfter: String
    var finding: String
    var mismatch: String?
    var isConstant: Bool
    var count: Int
    var differingCount: Int
    var nonFiniteMismatches: Int
    var maxAbsoluteError: Double
    var meanAbsoluteError: Double
    var maxRelativeError: Double
    /// The largest magnitude of the reference, which relative errors are parts of.
    var scale: Double
    var cosine: Double?
    var snrDb: Double?
    var atol: Double
    var rtol: Double

    init(_ output: VerificationReport.Output) {
      name = output.name
      nameAfter = output.nameAfter
      finding = output.finding.rawValue
      mismatch = output.mismatch
      isConstant = output.drift.isDegenerate
      count = output.drift.count
      differingCount = output.drift.differingCount
      nonFiniteMismatches = output.drift.nonFiniteMismatches
      maxAbsoluteError = output.drift.maxAbsolute
      meanAbsoluteError = output.drift.meanAbsolute
      maxRelativeError = output.drift.relative
      scale = output.drift.scale
      cosine = output.drift.cosine
      snrDb = output.drift.signalToNoise
      atol = output.tolerance.absolute
      rtol = output.tolerance.relative
    }
  }

  var verdict: String
  var holds: Bool
  var precision: String
  var samples: Int
  /// The largest absolute and relative error over the outputs.
  var maxAbsoluteError: Double
  var maxRelativeError: Double
  var outputs: [Output]
  var outputsDouble: [Output]?
  var outputsOnlyBefore: [String]
  var outputsOnlyAfter: [String]
  /// Where `--first-divergence` asked for it and there is one.
  var firstDivergence: DivergenceDocument?

  init(_ report: VerificationReport, precision: String) {
    verdict = report.verdict.rawValue
    holds = report.holds
    self.precision = precision
    samples = report.samples
    outputs = report.outputs.map(Output.init)
    outputsDouble = report.doubleOutputs.map { $0.map(Output.init) }
    maxAbsoluteError = report.outputs.map(\.drift.maxAbsolute).max() ?? 0
    maxRelativeError = report.outputs.map(\.drift.relative).max() ?? 0
    outputsOnlyBefore = report.outputsOnlyBefore
    outputsOnlyAfter = report.outputsOnlyAfter
  }
}
