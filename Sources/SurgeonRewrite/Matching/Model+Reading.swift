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

  /// The Dropout nodes that drop at random, in bodies and functions too.
  ///
  /// - Throws: what reading a constant throws.
  public func trainingDropouts() throws(SurgeonError) -> [Node.ID] {
    var found: [Node.ID] = []
    for node in allNodes where try isTrainingDropout(node) { found.append(node) }
    return found
  }

  /// True for a Dropout that drops at random.
  ///
  /// - Throws: what reading a constant throws.
  public func isTrainingDropout(_ node: Node.ID) throws(SurgeonError) -> Bool {
    try isDropping(node) == true
  }

  /// Whether a Dropout is in training mode; nil where a caller or another node decides, and for other
  /// operators.
  ///
  /// Opset 12 asks the input training_mode; 7 and 10 know inference only; 1 and 6 the attribute
  /// is_test, whose default is training.
  ///
  /// - Throws: what reading a constant throws.
  public func isDropping(_ node: Node.ID) throws(SurgeonError) -> Bool? {
    guard self[node].opType == "Dropout", Self.canonical(self[node].domain).isEmpty else {
      return nil
    }
    let opset = opset(in: self[node].graph) ?? 1
    if opset < 7 { return self[node].int("is_test") ?? 0 == 0 }
    guard opset >= 12, let mode = self[node].input(2) else { return false }
    return try constant(mode)?.intElements()?.contains { $0 != 0 }
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
