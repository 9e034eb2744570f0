internal import SurgeonIR
internal import SurgeonRewrite

/// Makes the rows of a report: what became of each node, or every reason why not.
struct SurgeryRows {
  let sites: [NormalizationSite]
  let facts: SiteFacts
  let report: SurgeryReport
  let groups: GroupDecisions
  /// Why no neighbour took a node.
  let neighbours: [Node.ID: [String]]
  let policy: RewritePolicy
  let result: Model

  mutating func make() throws(SurgeonError) -> [SurgeryReport.Row] {
    var applied: [Node.ID: [String]] = [:]
    for application in report.applications {
      applied[application.subject, default: []].append(application.rule)
      // A node that a rule made, and that later rules took further.
      for node in application.added { applied[node, default: []].append(application.rule) }
    }
    let decisions = Dictionary(
      groups.decisions.map { ($0.site.node, $0) }, uniquingKeysWith: { first, _ in first })
    var rows: [SurgeryReport.Row] = []
    for site in sites {
      var row = SurgeryReport.Row(
        name: site.name, node: site.node, channels: facts.channels(of: site),
        rank: facts.rank(of: site), trainingEvidence: site.trainingEvidence,
        options: site.options, outcome: .kept)
      let rules = applied[site.node] ?? []
      if isDone(site, rules) {
        row.outcome = .rewritten(rules)
      } else if site.options.target != .keep {
        row.outcome = .declined(try reasons(site))
      }
      if rules.contains("recompose-batch-norm") {
        row.isRecomposed = true
        row.notes.append("it was spelled in elementwise operators, and is one node again first")
      }
      if row.isRewritten { row.memory = memory(of: site) }
      if case .rewritten = row.outcome, rules.contains("freeze-training-mode") {
        row.notes.append(
          "frozen: it was in training mode (\(site.trainingEvidence ?? "")), so its function "
            + "changes from the statistics of the batch to the running ones")
      }
      if rules.last == "frozen-affine", site.options.form == .fold {
        row.notes += neighbours[site.node] ?? []
      }
      if let decision = decisions[site.node] {
        if decision.parameters.isUnit {
          row.notes.append(
            "gamma and beta are no constants: scale and bias are computed from them in the graph, and "
              + "the damage by itself is that of gamma 1 and beta 0")
        }
        row.group = SurgeryReport.Group(
          count: decision.choice.groups, reason: decision.choice.reason,
          expectedDamage: decision.choice.expectedDamage,
          ownDamage: decision.own.map { $0.total.squareRoot() },
          predictedDamage: decision.predicted, measuredDamage: decision.measured)
      }
      rows.append(row)
    }
    return rows
  }

  /// The samples that make up the statistics, more or less: as many as are counted, or 1 over the
  /// weight of the newest.
  private func memory(of site: NormalizationSite) -> Double? {
    let options = site.options
    switch options.target {
    case .welford: return options.welford.unit == .samples ? options.welford.maximum : nil
    case .running: return (options.momentum ?? site.norm?.momentum).map { 1 / (1 - $0) }
    default: return nil
    }
  }

  /// Whether the rules brought the node to its target.
  private func isDone(_ site: NormalizationSite, _ rules: [String]) -> Bool {
    guard let last = rules.last else { return false }
    // These only prepare a node for the rule of its target.
    return site.options.target == .batchnorm
      || !["recompose-batch-norm", "freeze-training-mode", "absorb-scale", "absorb-shift"]
        .contains(last)
  }

  private func reasons(_ site: NormalizationSite) throws(SurgeonError) -> [SurgeryReport.Reason] {
    if let refusal = groups.refusals[site.node] { return [Self.reason(refusal)] }
    if site.norm == nil {
      return [site.unreadable.map(Self.reason) ?? .init("the node cannot be read")]
    }
    guard result.isAlive(site.node) else { return [.init("another rule took the node")] }
    let rules: [RewriteRule]
    switch site.options.target {
    case .frozen: rules = site.options.form == .split ? [.frozenSplit()] : [.frozenAffine()]
    case .welford: rules = [.welford()]
    case .running: rules = [.running()]
    case .groupnorm, .layernorm, .instancenorm: rules = [.groupNorm()]
    case .batchnorm:
      if site.trainingEvidence == nil {
        return [.init("it is a BatchNormalization in inference mode already")]
      }
      rules = [.freezeTraining()]
    case .keep: rules = []
    }
    let traces = try Rewriter(rules, options: RewriteOptions(policy: policy))
      .explain(result, nodes: [site.node])
    var reasons: [SurgeryReport.Reason] = []
    for blocker in traces.flatMap(\.blockers)
    where !reasons.contains(where: { $0.text == blocker.reason }) {
      reasons.append(.init(blocker.reason, remedy: blocker.remedy))
    }
    return reasons.isEmpty ? [.init("no rule of its target applies")] : reasons
  }

  private static func reason(_ error: SurgeonError) -> SurgeryReport.Reason {
    .init(error.reason, remedy: error.hint)
  }
}
