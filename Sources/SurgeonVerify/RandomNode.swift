internal import SurgeonDiff
internal import SurgeonIR
internal import SurgeonRewrite

/// A node that draws random numbers.
public struct RandomNode: Sendable, Hashable {
  /// Its name, or that of its first output.
  public var name: String
  public var opType: String
  /// The body or function that it is in, in words; nil for the main graph.
  public var place: String?
  /// True for a Dropout that the rule `stop-dropout` puts into inference mode.
  public var isStoppable: Bool
  private let draw: Draw

  /// What decides which numbers a node draws in sessions of one seed (`ExecutionContext.generator`).
  private struct Draw: Hashable {
    var opType: String
    /// The node's own, which leaves its name no say.
    var seed: Float?
    var name: String
  }

  fileprivate init(_ id: Node.ID, in model: Model) throws(SurgeonError) {
    let node = model[id]
    name = model.label(of: id)
    opType = node.opType
    place = model.place(of: node.graph)
    isStoppable = try model.isTrainingDropout(id)
    let outputs = node.outputs.map { $0.map { model[$0].name } ?? "" }
    let seed = node.float("seed")
    let ownName = node.name.isEmpty ? outputs.joined(separator: ",") : node.name
    draw = Draw(opType: node.opType, seed: seed, name: seed == nil ? ownName : "")
  }

  /// The nodes of each list that draw what none of the other does: two runs with one seed then differ
  /// by chance.
  static func unpaired(
    _ before: [RandomNode], _ after: [RandomNode]
  ) -> (before: [RandomNode], after: [RandomNode]) {
    func rest(_ nodes: [RandomNode], without others: [RandomNode]) -> [RandomNode] {
      var counts: [Draw: Int] = [:]
      for other in others { counts[other.draw, default: 0] += 1 }
      return nodes.filter { node in
        counts[node.draw, default: 0] -= 1
        return counts[node.draw, default: 0] < 0
      }
    }
    return (rest(before, without: after), rest(after, without: before))
  }
}

extension Model {
  /// The nodes that draw random numbers for `values`, in bodies and functions too.
  ///
  /// A Dropout is one of them unless it certainly is in inference mode.
  ///
  /// - Throws: what reading a constant throws.
  func randomNodes(computing values: [Value.ID]) throws(SurgeonError) -> [RandomNode] {
    var seen: Set<Node.ID> = []
    var pending = values
    while let value = pending.popLast() {
      guard let node = self[value].producer?.node, seen.insert(node).inserted else { continue }
      pending += self[node].inputs.compactMap { $0 }
      for body in self[node].bodies { pending += self[body].outputs }
      if let function = function(calledBy: node) { pending += self[function.body].outputs }
    }
    var found: [RandomNode] = []
    for node in allNodes where seen.contains(node) {
      if try drawsAtRandom(node) { found.append(try RandomNode(node, in: self)) }
    }
    return found
  }
}
