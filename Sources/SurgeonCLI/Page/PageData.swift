/// What the page's script works with.
struct PageData: Encodable {
  struct Weight: Encodable {
    var name: String
    var type: String
    var histogram: Histogram?
    /// The counterpart's, where its numbers differ.
    var other: Histogram?
  }

  struct Entry: Encodable {
    var id: String
    var name: String
    var op: String
    var status: String
    /// The body or function that it stands in.
    var place: String?
    /// Ids on the other side: the counterpart, or the group that took its place.
    var partners: [String]
    var attributes: [[String]]
    /// Each a name and, where it is known, a type.
    var inputs: [[String]]
    var outputs: [[String]]
    var weights: [Weight]
    /// What changed, in words.
    var changes: [String]
  }

  struct Point: Encodable {
    var id: String
    var name: String
    var position: Int
    var relative: Double
    var maxAbsolute: Double
    var p99: Double?
    var snr: Double?
    var diverges: Bool
  }

  var nodes: [Entry]
  /// Ids of the changes in order, one for each thing to look at.
  var tour: [String]
  var drift: [Point]
}
