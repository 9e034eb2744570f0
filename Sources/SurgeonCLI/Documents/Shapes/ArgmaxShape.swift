internal import SurgeonVerify

/// How the winners of a classifier changed.
struct ArgmaxShape: Encodable {
  struct Flip: Encodable {
    var from: Int
    var to: Int
    var count: Int
  }

  var axis: Int
  var classes: Int
  var positions: Int
  var changed: Int
  /// The most frequent first, at most ten.
  var flips: [Flip]
  var largestLostLead: Double

  init(_ change: ArgmaxChange) {
    axis = change.axis
    classes = change.classes
    positions = change.positions
    changed = change.changed
    flips = change.flips.map { Flip(from: $0.from, to: $0.to, count: $0.count) }
    largestLostLead = change.largestLostLead
  }
}
