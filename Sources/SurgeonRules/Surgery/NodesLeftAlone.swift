internal import SurgeonIR

/// Nodes that a surgery begins to change and that then cannot become what the plan wants: they have to
/// stay as they were, which only a new attempt can do.
struct NodesLeftAlone {
  /// Names of normalisations in elementwise operators. Made one node again and taken no further, they
  /// would only have changed their spelling.
  private(set) var spelled: Set<String> = []
  /// Rows of nodes in training mode that were frozen for the rule of their target, which declined:
  /// they would have become another function.
  private var declined: [Node.ID: SurgeryReport.Row] = [:]

  var stranded: Set<Node.ID> { Set(declined.keys) }

  /// Takes in what an attempt has shown.
  ///
  /// - Returns: whether another attempt is needed.
  mutating func learn(from report: SurgeryReport) -> Bool {
    let count = spelled.count + declined.count
    for row in report.rows {
      if row.isRecomposed, !row.isRewritten { spelled.insert(row.name) }
      if report.isStranded(row), declined[row.node] == nil { declined[row.node] = row }
    }
    return spelled.count + declined.count > count
  }

  /// Says of the nodes that were left alone what was in their way, and what the plan had for them.
  func complete(_ report: inout SurgeryReport) {
    guard !declined.isEmpty else { return }
    report.rows = report.rows.map { declined[$0.node] ?? $0 }
    report.plan = NormalizationPlan(
      decidedFor: report.rows, stopping: report.stoppedDropouts)
  }
}
