internal import SurgeonVerify

/// The drift of one value in lock step, in JSON.
struct ValueDriftDocument: Encodable {
  struct Own: Encodable {
    var name: String
    var nameAfter: String
    var opType: String
    /// The body or function that it is in; left out for the main graph.
    var place: String?
    var position: Int
    var diverges: Bool
    var mismatch: String?
    /// The first sample, from 0, with which it does.
    var firstDivergingSample: Int?
    var argmax: ArgmaxShape?
  }

  private let merged: Merged<DriftShape, Own>

  init(_ value: LockStep.ValueDrift) {
    merged = Merged(
      DriftShape(value.drift),
      Own(
        name: value.name, nameAfter: value.nameAfter, opType: value.opType,
        place: value.place, position: value.position, diverges: value.isDivergence,
        mismatch: value.mismatch,
        firstDivergingSample: value.parting?.sample, argmax: value.argmax.map(ArgmaxShape.init)))
  }

  func encode(to encoder: any Encoder) throws { try merged.encode(to: encoder) }
}

/// The first divergence in JSON.
struct DivergenceDocument: Encodable {
  var value: ValueDriftDocument
  var path: [NodeShape]
  var agreeing: [String]

  init(_ divergence: Divergence) {
    value = ValueDriftDocument(divergence.value)
    path = divergence.path.map { NodeShape($0) }
    agreeing = divergence.agreeing
  }
}
