internal import SurgeonIR

extension Model {
  /// Puts the nodes of `graph` in an order in which each value is computed before it is read, each
  /// node as near to its old place as its inputs allow. Nodes keep their origins.
  ///
  /// - Throws: `invalidGraph` with the nodes of a cycle.
  mutating func sortNodes(of graph: Graph.ID) throws(SurgeonError) {
    var isPlaced: [Node.ID: Bool] = [:]  // false while what a node needs is visited
    var order: [Node.ID] = []
    for root in nodes(of: graph) where isPlaced[root] == nil {
      var stack = [(node: root, needs: producers(neededBy: root))]
      isPlaced[root] = false
      while let top = stack.last {
        guard let next = top.needs.last else {
          isPlaced[top.node] = true
          order.append(top.node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].needs.removeLast()
        switch isPlaced[next] {
        case true?: continue
        case false?: throw cycle(stack.map(\.node).drop { $0 != next })
        case nil:
          isPlaced[next] = false
          stack.append((next, producers(neededBy: next)))
        }
      }
    }
    for node in order {
      let origin = self[node].origin
      moveNode(node, before: nil)
      setOrigin(origin, of: node)
    }
  }

  /// The nodes of the same graph that compute what `node` and its bodies read, the first one last.
  private func producers(neededBy node: Node.ID) -> [Node.ID] {
    let graph = self[node].graph
    let read =
      self[node].inputs.compactMap { $0 } + self[node].bodies.flatMap { outerValues(readIn: $0) }
    return read.reversed().compactMap { value in
      self[value].graph == graph ? self[value].producer?.node : nil
    }
  }

  private func cycle(_ nodes: ArraySlice<Node.ID>) -> SurgeonError {
    let names = nodes.map { node in
      "'\(name(of: node) ?? "")' (\(self[node].opType))"
    }
    let shown = names.count > 8 ? names.prefix(7) + ["... \(names.count - 7) more"] : names[...]
    return SurgeonError(
      .invalidGraph, "the graph has a cycle",
      detail: "each of these nodes needs the next one, and the last one the first: "
        + shown.joined(separator: ", "))
  }
}
