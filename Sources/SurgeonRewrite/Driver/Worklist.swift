internal import SurgeonIR

/// Nodes that wait to be tried, each at most once at a time, first come first served.
struct Worklist {
  private var queue: [Node.ID] = []
  private var head = 0
  private var isWaiting: [Bool]

  init(nodes: [Node.ID], tableCount: Int) {
    isWaiting = Array(repeating: false, count: tableCount)
    queue.reserveCapacity(nodes.count)
    for node in nodes { append(node) }
  }

  mutating func append(_ node: Node.ID) {
    let index = Int(node.raw)
    if index >= isWaiting.count {
      isWaiting += Array(repeating: false, count: index + 1 - isWaiting.count)
    }
    guard !isWaiting[index] else { return }
    isWaiting[index] = true
    queue.append(node)
  }

  mutating func popFirst() -> Node.ID? {
    guard head < queue.count else { return nil }
    defer { head += 1 }
    if head > 4096, head > queue.count / 2 {
      queue.removeFirst(head)
      head = 0
    }
    isWaiting[Int(queue[head].raw)] = false
    return queue[head]
  }
}
