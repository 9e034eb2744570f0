internal import SurgeonIR
internal import SurgeonRewrite

extension Model {
  /// True where a node draws random numbers, by itself, in a body or in the function that it calls.
  ///
  /// - Throws: what reading a constant throws.
  func drawsAtRandom(anywhereIn node: Node.ID) throws(SurgeonError) -> Bool {
    var pending = [node]
    var seen: Set<Graph.ID> = []
    while let node = pending.popLast() {
      if try drawsAtRandom(node) { return true }
      let function = function(calledBy: node).map { [$0.body] } ?? []
      for graph in self[node].bodies + function where seen.insert(graph).inserted {
        pending += nodes(of: graph)
      }
    }
    return false
  }
}
