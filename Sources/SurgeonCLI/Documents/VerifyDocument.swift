internal import SurgeonVerify

/// What `surgeon verify --json` prints: a verification, and what else was asked for.
struct VerifyDocument: Encodable {
  struct Further: Encodable {
    /// With `--first-divergence`, where there is one.
    var firstDivergence: DivergenceDocument?
    /// With `--bisect`.
    var bisection: BisectionDocument?
  }

  private let merged: Merged<VerificationDocument, Further>

  init(
    _ report: VerificationReport, precision: String, divergence: Divergence?,
    bisection: Bisection?
  ) {
    merged = Merged(
      VerificationDocument(report, precision: precision),
      Further(
        firstDivergence: divergence.map(DivergenceDocument.init),
        bisection: bisection.map { BisectionDocument($0, precision: precision) }))
  }

  func encode(to encoder: any Encoder) throws { try merged.encode(to: encoder) }
}
