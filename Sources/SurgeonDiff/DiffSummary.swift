public import SurgeonIR

/// A structural difference in numbers.
public struct DiffSummary: Sendable, Hashable {
  /// How often an operator occurs in each model.
  public struct OperatorCount: Sendable, Hashable {
    public var opType: String
    public var before: Int
    public var after: Int
  }

  public var nodesBefore: Int
  public var nodesAfter: Int
  /// Nodes that belong to no replacement.
  public var nodesAdded: Int
  public var nodesRemoved: Int
  public var nodesChanged: Int
  public var nodesRenamed: Int
  public var nodesMoved: Int
  /// Groups of nodes whose place other nodes took.
  public var nodesReplaced: Int
  /// Nodes in those groups.
  public var nodesInReplacedBefore: Int
  public var nodesInReplacedAfter: Int
  public var initializersChanged: Int
  public var initializersAdded: Int
  public var initializersRemoved: Int
  /// Changes of the header that are more than a name.
  public var headerChanges: Int
  /// Inputs and outputs of the graph with another name.
  public var portsRenamed: Int
  /// Numbers in all initializers.
  public var parametersBefore: Int
  public var parametersAfter: Int
  /// Operators whose count differs, by name.
  public var operators: [OperatorCount]

  public init(_ diff: StructuralDiff, before: Model, after: Model) {
    let (nodesA, nodesB) = (before.allNodes, after.allNodes)
    nodesBefore = nodesA.count
    nodesAfter = nodesB.count
    nodesAdded = diff.added.count
    nodesRemoved = diff.removed.count
    nodesChanged = diff.changed.count
    nodesRenamed = diff.renamed.count
    nodesMoved = diff.movedCount
    nodesReplaced = diff.replaced.count
    nodesInReplacedBefore = diff.replaced.reduce(0) { $0 + $1.removed.count }
    nodesInReplacedAfter = diff.replaced.reduce(0) { $0 + $1.added.count }
    initializersChanged = diff.constantsChanged.count
    initializersAdded = diff.constantsAdded.count
    initializersRemoved = diff.constantsRemoved.count
    headerChanges = diff.header.count { !$0.isNameOnly }
    portsRenamed = diff.header.count { $0.isNameOnly }
    parametersBefore = Self.parameterCount(of: before)
    parametersAfter = Self.parameterCount(of: after)
    var counts: [String: OperatorCount] = [:]
    for node in nodesA { counts[before[node].opType, default: .init(before[node])].before += 1 }
    for node in nodesB { counts[after[node].opType, default: .init(after[node])].after += 1 }
    operators = counts.values.filter { $0.before != $0.after }.sorted { $0.opType < $1.opType }
  }

  private static func parameterCount(of model: Model) -> Int {
    model.graphs.reduce(0) { sum, graph in
      model[graph].initializers.reduce(sum) { sum, value in
        let tensor = model[value].initializer ?? model[value].sparseInitializer?.values
        return sum + (tensor?.count ?? 0)
      }
    }
  }
}

extension DiffSummary.OperatorCount {
  fileprivate init(_ node: Node) { self.init(opType: node.opType, before: 0, after: 0) }
}
