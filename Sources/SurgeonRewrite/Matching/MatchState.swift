internal import SurgeonIR

/// What the matcher has still to do and what it has found; copied at every choice.
struct MatchState {
  struct Goal {
    enum Target {
      /// The node of a root.
      case node(Node.ID)
      /// An input of a matched node; nil where it is left out.
      case value(Value.ID?)
    }
    var element: Int
    var target: Target
  }

  var goals: [Goal] = []
  var bindings: [Binding?]
  var nodes: [Node.ID] = []
  var roots: [Node.ID] = []
  /// Values that only matched nodes may read; decided when all of them are known.
  var readOnlyInside: [Value.ID] = []
  var output: Value.ID?
}
