internal import SurgeonIR

// Nodes, values and readers in words.
extension Model {
  func words(_ node: Node.ID) -> String { "\(self[node].opType) '\(label(of: node))'" }

  func words(_ value: Value.ID) -> String { "value '\(self[value].name)'" }

  /// Everything that reads a value, apart from `nodes`.
  func readers(of value: Value.ID, except nodes: [Node.ID]) -> [String] {
    self[value].uses.compactMap { use in
      switch use {
      case .node(let node, _): nodes.contains(node) ? nil : words(node)
      case .graphOutput(let graph, let index):
        graph == mainGraph
          ? "graph output '\(self[value].name)'"
          : "output \(index) of a body"
      }
    }
  }

  /// Where a value comes from.
  func origin(of value: Value.ID) -> String {
    let record = self[value]
    if record.isGraphInput {
      let isMain = record.graph == mainGraph
      guard record.initializer != nil else {
        return isMain ? "it is an input of the graph" : "it is an input of a body"
      }
      return "it is an input of the graph, whose default a caller may override"
    }
    if let producer = record.producer?.node { return "\(words(producer)) computes it" }
    if record.initializer != nil { return "it is a constant" }
    return record.sparseInitializer != nil ? "it is a sparse constant" : "nothing defines it"
  }

  /// What to do about a value that is no constant.
  func remedyForVariable(_ value: Value.ID) -> String? {
    let record = self[value]
    if record.isGraphInput {
      return record.initializer == nil
        ? "make it an initializer of the model"
        : "if no caller overrides it, say so with --trust-defaults"
    }
    guard let producer = record.producer?.node else { return nil }
    let inputs = self[producer].inputs.compactMap { $0 }
    return !inputs.isEmpty && inputs.allSatisfy { isConstant($0) }
      ? "its inputs are constants: the rule fold-constants can make it one" : nil
  }
}
