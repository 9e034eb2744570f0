internal import SurgeonDiff
internal import SurgeonVerify

/// A node: its name, or that of its first output, its operator, and the body or function that it
/// stands in, where that is not the main graph.
struct NodeShape: Encodable {
  var name: String
  var opType: String
  var place: String?

  init(_ label: DiffReport.NodeLabel) {
    name = label.name
    opType = label.opType
    place = label.place
  }

  init(_ node: RandomNode) {
    name = node.name
    opType = node.opType
    place = node.place
  }

  init(_ step: Divergence.Step) {
    name = step.name
    opType = step.opType
  }
}
