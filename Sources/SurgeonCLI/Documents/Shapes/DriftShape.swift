internal import SurgeonVerify

/// How far numbers lie from a reference: the same keys in every document.
struct DriftShape: Encodable {
  struct Quantiles: Encodable {
    var median: Double
    var p90: Double
    var p99: Double
    var p999: Double
  }

  var count: Int
  var differingCount: Int
  var nonFiniteMismatches: Int
  var maxAbsoluteError: Double
  var meanAbsoluteError: Double
  /// The largest absolute error as a part of `scale`.
  var maxRelativeError: Double
  /// The largest magnitude of the reference.
  var scale: Double
  /// Of the absolute errors.
  var quantiles: Quantiles?
  var cosine: Double?
  var snrDb: Double?
  var isConstant: Bool

  init(_ drift: Drift) {
    count = drift.count
    differingCount = drift.differingCount
    nonFiniteMismatches = drift.nonFiniteMismatches
    maxAbsoluteError = drift.maxAbsolute
    meanAbsoluteError = drift.meanAbsolute
    maxRelativeError = drift.relative
    scale = drift.scale
    quantiles = drift.quantiles.map {
      Quantiles(median: $0.median, p90: $0.p90, p99: $0.p99, p999: $0.p999)
    }
    cosine = drift.cosine
    snrDb = drift.signalToNoise
    isConstant = drift.isDegenerate
  }
}
