public import SurgeonIR
public import SurgeonRewrite

/// Gives every BatchNormalization of a model what a plan has for it.
public struct NormalizationSurgery: Sendable {
  public var plan: NormalizationPlan
  public var policy: RewritePolicy

  public init(_ plan: NormalizationPlan, policy: RewritePolicy = RewritePolicy()) {
    self.plan = plan
    self.policy = policy
  }

  /// Performs the surgery.
  ///
  /// - Throws: `impossible` where the options contradict each other; what a rewriting run throws.
  ///   The model is then as it was.
  public func perform(on model: inout Model) throws(SurgeonError) -> SurgeryReport {
    for entry in plan.entries { try entry.options.check() }
    let sites = NormalizationSite.all(in: model, plan: plan)
    var report = SurgeryReport()
    var result = model
    let phases = SurgeryPhases(sites)
    for rules in phases.rules {
      let run = try Rewriter(rules, options: RewriteOptions(policy: policy)).rewrite(&result)
      report.applications += run.applications
      report.failures += run.failures
    }
    report.rows = try rows(sites, before: model, after: result, report: report)
    model = result
    return report
  }

  private func rows(
    _ sites: [NormalizationSite], before: Model, after: Model, report: SurgeryReport
  ) throws(SurgeonError) -> [SurgeryReport.Row] {
    var applied: [Node.ID: [String]] = [:]
    for application in report.applications {
      applied[application.subject, default: []].append(application.rule)
    }
    let facts = SiteFacts(model: before)
    var rows: [SurgeryReport.Row] = []
    for site in sites {
      let outcome: SurgeryReport.Outcome
      if let rules = applied[site.node] {
        outcome = .rewritten(rules)
      } else if site.options.target == .keep {
        outcome = .kept
      } else {
        outcome = .declined(facts.reasons(against: site, policy: policy))
      }
      rows.append(
        SurgeryReport.Row(
          name: site.name, node: site.node, channels: facts.channels(of: site),
          rank: facts.rank(of: site), trainingEvidence: site.trainingEvidence,
          options: site.options, outcome: outcome))
    }
    return rows
  }
}
