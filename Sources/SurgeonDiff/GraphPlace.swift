public import SurgeonIR

extension Model {
  /// Where a graph stands, in words: `function Block`, `body of Loop 'loop'`; nil for the main graph.
  public func place(of graph: Graph.ID) -> String? {
    switch self[graph].owner {
    case .model: nil
    case .function(let index): "function \(functions[index].name)"
    case .node(let node): "body of \(self[node].opType) '\(name(of: node) ?? "")'"
    }
  }
}
