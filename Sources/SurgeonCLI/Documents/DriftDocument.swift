internal import SurgeonVerify

/// The drift of one value in JSON.
struct DriftDocument: Encodable {
  var name: String
  var nameAfter: String
  var opType: String
  var position: Int
  var diverges: Bool
  var mismatch: String?
  var maxAbsoluteError: Double
  var meanAbsoluteError: Double
  var maxRelativeError: Double
  var cosine: Double?
  var snrDb: Double?
  var isConstant: Bool

  init(_ value: LockStep.ValueDrift) {
    name = value.name
    nameAfter = value.nameAfter
    opType = value.opType
    position = value.position
    diverges = value.isDivergence
    mismatch = value.mismatch
    maxAbsoluteError = value.drift.maxAbsolute
    meanAbsoluteError = value.drift.meanAbsolute
    maxRelativeError = value.drift.relative
    cosine = value.drift.cosine
    snrDb = value.drift.signalToNoise
    isConstant = value.drift.isDegenerate
  }
}

/// The first divergence in JSON.
struct DivergenceDocument: Encodable {
  struct Step: Encodable {
    var name: String
    var opType: String
  }

  var value: DriftDocument
  var path: [Step]
  var agreeing: [String]

  init(_ divergence: Divergence) {
    value = DriftDocument(divergence.value)
    path = divergence.path.map { Step(name: $0.name, opType: $0.opType) }
    agreeing = divergence.agreeing
  }
}
