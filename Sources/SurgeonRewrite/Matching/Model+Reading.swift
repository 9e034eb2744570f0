public import SurgeonIR

extension Model {
  /// `value`, and what it is behind Identity nodes, the computed value last.
  public func pathThroughIdentity(from value: Value.ID) -> [Value.ID] {
    var path = [value]
    var current = value
    while let producer = self[current].producer?.node, self[producer].opType == "Identity",
      Self.canonical(self[producer].domain).isEmpty, let input = self[producer].input(0)
    {
      path.append(input)
      current = input
    }
    return path
  }

  /// The node of a unary chain that computes `value`: its operator is one of `opTypes`, `value` is
  /// its first output, and (for Dropout) it passes its input on.
  func chainLink(producing value: Value.ID, among opTypes: Set<String>) -> Node.ID? {
    guard let producer = self[value].producer, producer.output == 0,
      opTypes.contains(self[producer.node].opType),
      Self.canonical(self[producer.node].domain).isEmpty
    else { return nil }
    if self[producer.node].opType == "Dropout" {
      return isInferenceDropout(producer.node) ? producer.node : nil
    }
    return self[producer.node].inputs.dropFirst().allSatisfy { $0 == nil } ? producer.node : nil
  }

  /// True for a Dropout that returns its input and whose mask nobody reads.
  public func isInferenceDropout(_ node: Node.ID) -> Bool {
    if let mask = self[node].output(1), !self[mask].uses.isEmpty { return false }
    return (try? isDropping(node)) == false
  }

  /// The node of `graph` within whose bodies `node` stands, or `node` itself.
  func ancestor(of node: Node.ID, in graph: Graph.ID) -> Node.ID? {
    var current = node
    while self[current].graph != graph {
      guard case .node(let owner) = self[self[current].graph].owner else { return nil }
      current = owner
    }
    return current
  }
}
