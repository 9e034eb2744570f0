/// A node that was left out of a measurement, and why.
struct SkippedShape: Encodable {
  var node: String
  var reason: String
}
