extension Model {
  /// The node's name, or that of its first output where it has none; nil where it has no output
  /// either.
  public func name(of node: Node.ID) -> String? {
    if !self[node].name.isEmpty { return self[node].name }
    for case let output? in self[node].outputs { return self[output].name }
    return nil
  }

  /// What a node goes by in messages and selections: its name, or its operator where it has none.
  public func label(of node: Node.ID) -> String { name(of: node) ?? self[node].opType }
}
