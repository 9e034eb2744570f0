internal import SurgeonDiff

/// What `surgeon diff --json` prints.
struct DiffDocument: Encodable {
  struct Summary: Encodable {
    var nodesBefore: Int
    var nodesAfter: Int
    var nodesAdded: Int
    var nodesRemoved: Int
    var nodesChanged: Int
    var nodesRenamed: Int
    var nodesMoved: Int
    var nodesReplaced: Int
    var initializersChanged: Int
    var initializersAdded: Int
    var initializersRemoved: Int
    var headerChanges: Int
    var portsRenamed: Int
    var parametersBefore: Int
    var parametersAfter: Int

    init(_ summary: DiffSummary) {
      nodesBefore = summary.nodesBefore
      nodesAfter = summary.nodesAfter
      nodesAdded = summary.nodesAdded
      nodesRemoved = summary.nodesRemoved
      nodesChanged = summary.nodesChanged
      nodesRenamed = summary.nodesRenamed
      nodesMoved = summary.nodesMoved
      nodesReplaced = summary.nodesReplaced
      initializersChanged = summary.initializersChanged
      initializersAdded = summary.initializersAdded
      initializersRemoved = summary.initializersRemoved
      headerChanges = summary.headerChanges
      portsRenamed = summary.portsRenamed
      parametersBefore = summary.parametersBefore
      parametersAfter = summary.parametersAfter
    }
  }

  struct NodeChange: Encodable {
    var before: NodeShape
    var after: NodeShape
    var attributes: [ChangeShape]
    var inputs: [ChangeShape]
    var outputs: [ChangeShape]
    var types: [ChangeShape]
  }

  struct Replacement: Encodable {
    var removed: [NodeShape]
    var added: [NodeShape]
    var absorbing: [NodeShape]
  }

  struct Renaming: Encodable {
    var before: NodeShape
    var after: NodeShape
  }

  struct ConstantChange: Encodable {
    var name: String
    var nameAfter: String
    var typeBefore: String
    var typeAfter: String
    var count: Int?
    var changedCount: Int?
    var maxAbsoluteChange: Double?
    var meanAbsoluteChange: Double?
    var norm: Double?
    var normBefore: Double?
    var cosine: Double?

    init(_ change: DiffReport.ConstantChange) {
      name = change.name
      nameAfter = change.nameAfter
      typeBefore = change.typeBefore
      typeAfter = change.typeAfter
      count = change.delta?.count
      changedCount = change.delta?.changedCount
      maxAbsoluteChange = change.delta?.maxAbsolute
      meanAbsoluteChange = change.delta?.meanAbsolute
      norm = change.delta?.norm
      normBefore = change.delta?.normBefore
      cosine = change.delta?.cosine
    }
  }

  struct Constant: Encodable {
    var name: String
    var type: String
  }

  struct HeaderChange: Encodable {
    var kind: String
    var subject: String
    var before: String?
    var after: String?
  }

  struct OperatorCount: Encodable {
    var opType: String
    var before: Int
    var after: Int
  }

  var before: String
  var after: String
  var identical: Bool
  var sameStructure: Bool
  var summary: Summary
  var operators: [OperatorCount]
  var replaced: [Replacement]
  var changed: [NodeChange]
  var added: [NodeShape]
  var removed: [NodeShape]
  var renamed: [Renaming]
  var initializersChanged: [ConstantChange]
  var initializersAdded: [Constant]
  var initializersRemoved: [Constant]
  var header: [HeaderChange]
  /// With `--run`: every compared value, in the first model's order.
  var drift: [ValueDriftDocument]?

  init(_ report: DiffReport, before: String, after: String) {
    self.before = before
    self.after = after
    identical = report.isIdentical
    sameStructure = report.isSameStructure
    summary = Summary(report.summary)
    operators = report.summary.operators.map {
      OperatorCount(opType: $0.opType, before: $0.before, after: $0.after)
    }
    replaced = report.replaced.map {
      Replacement(
        removed: $0.removed.map(NodeShape.init), added: $0.added.map(NodeShape.init),
        absorbing: $0.absorbing.map(NodeShape.init))
    }
    changed = report.changed.map {
      NodeChange(
        before: NodeShape($0.before), after: NodeShape($0.after),
        attributes: $0.attributes.map(ChangeShape.init), inputs: $0.inputs.map(ChangeShape.init),
        outputs: $0.outputs.map(ChangeShape.init), types: $0.types.map(ChangeShape.init))
    }
    added = report.added.map(NodeShape.init)
    removed = report.removed.map(NodeShape.init)
    renamed = report.renamed.map {
      Renaming(before: NodeShape($0.before), after: NodeShape($0.after))
    }
    initializersChanged = report.constantsChanged.map(ConstantChange.init)
    initializersAdded = report.constantsAdded.map { Constant(name: $0.name, type: $0.type) }
    initializersRemoved = report.constantsRemoved.map { Constant(name: $0.name, type: $0.type) }
    header = report.header.map {
      HeaderChange(
        kind: $0.kind.rawValue, subject: $0.subject, before: $0.before, after: $0.after)
    }
  }
}
