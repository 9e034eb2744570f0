internal import SurgeonIR

extension InferenceEngine {
  /// Infers `nodes` anew, then the readers of every value whose type has changed by that.
  ///
  /// Nodes of one graph are taken in execution order, so that each is inferred once.
  func propagate(from nodes: [Node.ID]) {
    var queue = NodeQueue(model: model)
    for node in nodes where model.isAlive(node) {
      for case let input? in model[node].inputs where table[input] == nil {
        inferInitializer(input)
      }
      queue.insert(node)
    }
    while let node = queue.removeFirst() {
      // What a function's attribute is in a call is known only during the call.
      guard !hasReferences(node), infer(node) else { continue }
      for case let output? in model[node].outputs {
        for use in model[output].uses {
          switch use {
          case .node(let reader, _): queue.insert(reader)
          case .graphOutput(let graph, _):
            if case .node(let owner) = model[graph].owner { queue.insert(owner) }
          }
        }
      }
    }
  }

  private func hasReferences(_ node: Node.ID) -> Bool {
    model[node].attributes.contains {
      if case .reference = $0.payload { true } else { false }
    }
  }
}

/// A priority queue of nodes without duplicates: inner graphs first, then execution order.
private struct NodeQueue {
  private let model: Model
  private var heap: [Node.ID] = []
  private var members: Set<Node.ID> = []

  init(model: Model) { self.model = model }

  mutating func insert(_ node: Node.ID) {
    guard members.insert(node).inserted else { return }
    heap.append(node)
    var child = heap.count - 1
    while child > 0, precedes(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() -> Node.ID? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    members.remove(first)
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if precedes(heap[child], heap[smallest]) { smallest = child }
      }
      if smallest == parent { return first }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }

  private func precedes(_ a: Node.ID, _ b: Node.ID) -> Bool {
    let (x, y) = (model[a].graph, model[b].graph)
    return x == y ? model.isBefore(a, b) : x > y
  }
}
