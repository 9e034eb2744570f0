// The node list of a graph: doubly linked, with keys that grow along it, so that inserting,
// removing and comparing positions cost the same in any graph.
extension Model {
  mutating func link(_ id: Node.ID, before successor: Node.ID?) {
    let graph = Int(self[id].graph.raw)
    let previous = successor.map { self[$0].previous } ?? _graphs[graph].lastNode
    _nodes[Int(id.raw)].previous = previous
    _nodes[Int(id.raw)].next = successor
    if let previous { _nodes[Int(previous.raw)].next = id } else { _graphs[graph].firstNode = id }
    if let successor {
      _nodes[Int(successor.raw)].previous = id
    } else {
      _graphs[graph].lastNode = id
    }
    _graphs[graph].nodeCount += 1
    let low = previous.map { self[$0].orderKey }
    let high = successor.map { self[$0].orderKey }
    let key: Double =
      switch (low, high) {
      case (let low?, let high?): low + (high - low) / 2
      case (let low?, nil): low + 1
      case (nil, let high?): high - 1
      case (nil, nil): 0
      }
    _nodes[Int(id.raw)].orderKey = key
    if key == low || key == high { renumber(_graphs[graph].firstNode) }
  }

  /// Restores unit gaps after some fifty insertions at one and the same place.
  private mutating func renumber(_ first: Node.ID?) {
    var key = 0.0
    var current = first
    while let node = current {
      _nodes[Int(node.raw)].orderKey = key
      key += 1
      current = self[node].next
    }
  }

  mutating func unlink(_ id: Node.ID) {
    let graph = Int(self[id].graph.raw)
    let (previous, next) = (self[id].previous, self[id].next)
    if let previous {
      _nodes[Int(previous.raw)].next = next
    } else {
      _graphs[graph].firstNode = next
    }
    if let next {
      _nodes[Int(next.raw)].previous = previous
    } else {
      _graphs[graph].lastNode = previous
    }
    _nodes[Int(id.raw)].previous = nil
    _nodes[Int(id.raw)].next = nil
    _graphs[graph].nodeCount -= 1
  }
}
