public import SurgeonIR

/// Which node, value and graph of one model is which of another.
///
/// Partial and one to one. Made by `Matcher`.
public struct Correspondence: Sendable {
  private var nodesAfter: [Node.ID?]
  private var nodesBefore: [Node.ID?]
  private var valuesAfter: [Value.ID?]
  private var valuesBefore: [Value.ID?]
  private(set) var graphs: [(before: Graph.ID, after: Graph.ID)] = []

  init(before: Model, after: Model) {
    nodesAfter = Array(repeating: nil, count: before.nodeTableCount)
    nodesBefore = Array(repeating: nil, count: after.nodeTableCount)
    valuesAfter = Array(repeating: nil, count: before.valueTableCount)
    valuesBefore = Array(repeating: nil, count: after.valueTableCount)
  }

  /// The counterpart in the second model of a node of the first.
  public func after(_ node: Node.ID) -> Node.ID? { nodesAfter[Int(node.raw)] }
  /// The counterpart in the first model of a node of the second.
  public func before(_ node: Node.ID) -> Node.ID? { nodesBefore[Int(node.raw)] }
  /// The counterpart in the second model of a value of the first.
  public func after(_ value: Value.ID) -> Value.ID? { valuesAfter[Int(value.raw)] }
  /// The counterpart in the first model of a value of the second.
  public func before(_ value: Value.ID) -> Value.ID? { valuesBefore[Int(value.raw)] }

  /// The counterpart in the second model of a graph of the first.
  public func after(_ graph: Graph.ID) -> Graph.ID? { graphs.first { $0.before == graph }?.after }

  /// The counterpart in the first model of a graph of the second.
  public func before(_ graph: Graph.ID) -> Graph.ID? { graphs.first { $0.after == graph }?.before }

  mutating func pair(_ a: Node.ID, _ b: Node.ID) {
    nodesAfter[Int(a.raw)] = b
    nodesBefore[Int(b.raw)] = a
  }

  mutating func pair(_ a: Value.ID, _ b: Value.ID) {
    guard valuesAfter[Int(a.raw)] == nil, valuesBefore[Int(b.raw)] == nil else { return }
    valuesAfter[Int(a.raw)] = b
    valuesBefore[Int(b.raw)] = a
  }

  /// Takes back a pair.
  mutating func unpair(_ a: Node.ID, _ b: Node.ID) {
    nodesAfter[Int(a.raw)] = nil
    nodesBefore[Int(b.raw)] = nil
  }

  /// Takes back a pair.
  mutating func unpair(_ a: Value.ID, _ b: Value.ID) {
    valuesAfter[Int(a.raw)] = nil
    valuesBefore[Int(b.raw)] = nil
  }

  mutating func pair(_ a: Graph.ID, _ b: Graph.ID) { graphs.append((a, b)) }
}
