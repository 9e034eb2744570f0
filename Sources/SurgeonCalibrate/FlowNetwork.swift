/// A network whose cheapest cut between a source and a sink is wanted: by the largest flow, found
/// along shortest paths (Edmonds and Karp 1972).
struct FlowNetwork {
  private struct Edge {
    var end: Int
    /// What can still flow; the edge after or before this one goes the other way.
    var room: Double
  }

  static let source = 0
  static let sink = 1
  private var edges: [Edge] = []
  /// The edges that begin at each vertex.
  private var outgoing: [[Int]] = [[], []]

  mutating func addVertex() -> Int {
    outgoing.append([])
    return outgoing.count - 1
  }

  mutating func connect(_ start: Int, to end: Int, capacity: Double) {
    outgoing[start].append(edges.count)
    edges.append(Edge(end: end, room: capacity))
    outgoing[end].append(edges.count)
    edges.append(Edge(end: start, room: 0))
  }

  /// For each vertex whether it is on the source's side of a cheapest cut.
  mutating func cut() -> [Bool] {
    while true {
      let arrivals = search()
      guard arrivals[Self.sink] != nil else {
        return arrivals.indices.map { $0 == Self.source || arrivals[$0] != nil }
      }
      var path: [Int] = []
      var vertex = Self.sink
      while let edge = arrivals[vertex] {
        path.append(edge)
        vertex = edges[edge ^ 1].end
      }
      let flow = path.map { edges[$0].room }.min() ?? 0
      for edge in path {
        edges[edge].room -= flow
        edges[edge ^ 1].room += flow
      }
    }
  }

  /// The edge by which a search in breadth arrives at each vertex; nil where it does not.
  private func search() -> [Int?] {
    var arrivals = [Int?](repeating: nil, count: outgoing.count)
    var queue = [Self.source]
    var next = 0
    while next < queue.count {
      for edge in outgoing[queue[next]] where edges[edge].room > 0 {
        let end = edges[edge].end
        guard end != Self.source, arrivals[end] == nil else { continue }
        arrivals[end] = edge
        queue.append(end)
      }
      next += 1
    }
    return arrivals
  }
}
