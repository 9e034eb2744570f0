internal import SurgeonIR

/// What a trace has found so far; compared to choose between orders and alternatives.
struct TraceState {
  var bindings: [Binding?]
  var nodes: [Node.ID] = []
  var roots: [Node.ID] = []
  var output: Value.ID?
  var blockers: [Blocker] = []
  /// Operators that are not there, with all that hangs on them.
  var missing = 0
  /// Values that are no constants where the pattern has one: a wrong number is nearer than none.
  var variables = 0
  /// Captures without a binding stand in the way of conditions.
  var hasUnboundCaptures = false
  /// Values that only matched nodes may read, each with the element that says so.
  var readOnlyInside: [(element: Int, constraint: Constraint, value: Value.ID)] = []

  /// Orders states, the better one first.
  static func isBetter(_ a: TraceState, _ b: TraceState) -> Bool {
    (a.missing, a.blockers.count, a.variables) < (b.missing, b.blockers.count, b.variables)
  }
}
