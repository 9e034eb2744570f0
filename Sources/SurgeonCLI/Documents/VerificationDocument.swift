internal import SurgeonVerify

/// A verification in JSON: the value of `verification` in `rewrite`, part of the document in `verify`.
struct VerificationDocument: Encodable {
  struct Output: Encodable {
    struct Own: Encodable {
      var name: String
      var nameAfter: String
      var finding: String
      var mismatch: String?
      var atol: Double
      var rtol: Double
      var argmax: ArgmaxShape?
    }

    private let merged: Merged<DriftShape, Own>

    init(_ output: VerificationReport.Output) {
      merged = Merged(
        DriftShape(output.drift),
        Own(
          name: output.name, nameAfter: output.nameAfter, finding: output.finding.rawValue,
          mismatch: output.mismatch, atol: output.tolerance.absolute,
          rtol: output.tolerance.relative, argmax: output.argmax.map(ArgmaxShape.init)))
    }

    func encode(to encoder: any Encoder) throws { try merged.encode(to: encoder) }
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
  /// What draws at random where outputs do not agree.
  var randomNodesBefore: [NodeShape]
  var randomNodesAfter: [NodeShape]

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
    randomNodesBefore = report.randomNodesBefore.map(NodeShape.init)
    randomNodesAfter = report.randomNodesAfter.map(NodeShape.init)
  }
}
