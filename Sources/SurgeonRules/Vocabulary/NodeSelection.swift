public import SurgeonIR
internal import SurgeonRewrite

/// Which nodes a rule may be applied to, besides what it says itself.
public enum NodeSelection: Sendable {
  case all
  /// Nodes that a plan gave to the rule.
  case nodes(Set<Node.ID>)

  public func contains(_ node: Node.ID) -> Bool {
    switch self {
    case .all: true
    case .nodes(let nodes): nodes.contains(node)
    }
  }

  /// The condition that the selection is; none for `all`.
  func conditions(on node: Capture<Node.ID>) -> [Condition] {
    guard case .nodes(let nodes) = self else { return [] }
    return [
      Condition("the plan gives the node to this rule", about: node.name) { match, _ in
        nodes.contains(match[node])
      }
    ]
  }
}
