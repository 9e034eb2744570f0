internal import SurgeonDiff
internal import SurgeonIR

/// Which values of two models are compared in lock step, and where each stands.
///
/// The outputs of all nodes of the first model that have a counterpart, or a namesake that took their
/// place: of the main graph, of bodies, and of the functions that are called.
struct ValuePairing {
  struct Place {
    /// In the order of execution, from 0; what is in a body or a function comes before the results of
    /// the node that runs it.
    var position: Int
    var opType: String
    /// The body or function that it is in; nil for the main graph.
    var graph: String?
  }

  private let before: Model
  private let after: Model
  private let correspondence: Correspondence
  private(set) var counterparts: [Value.ID: Value.ID] = [:]
  private(set) var places: [Value.ID: Place] = [:]
  private var visited: Set<Graph.ID> = []

  init(_ before: Model, _ after: Model, _ correspondence: Correspondence) {
    self.before = before
    self.after = after
    self.correspondence = correspondence
    add(before.mainGraph)
  }

  private mutating func add(_ graph: Graph.ID) {
    guard visited.insert(graph).inserted else { return }
    let counterpart = correspondence.after(graph)
    let words = before.place(of: graph)
    for node in before.nodes(of: graph) {
      for body in before[node].bodies { add(body) }
      if let function = before.function(calledBy: node) { add(function.body) }
      for case let output? in before[node].outputs {
        places[output] = Place(
          position: places.count, opType: before[node].opType,
          graph: words)
        if let other = correspondence.after(output) {
          counterparts[output] = other
        } else if let counterpart, let namesake = namesake(of: output, in: counterpart) {
          counterparts[output] = namesake
        }
      }
    }
  }

  /// A value that a replacement took over under its name.
  private func namesake(of value: Value.ID, in graph: Graph.ID) -> Value.ID? {
    guard let other = after.value(named: before[value].name, in: graph),
      after[other].graph == graph, after[other].producer != nil
    else { return nil }
    return other
  }
}
