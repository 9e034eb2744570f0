public import SurgeonIR
public import SurgeonRewrite

/// Gives every BatchNormalization of a model what a plan has for it.
///
/// Dropouts go into inference mode where the plan wants normalisations in it (`batchnorm`).
///
/// The way back is part of it: where the plan wants a BatchNormalization, or statistics that are
/// frozen, a normalisation whose statistics kept running is turned back first.
public struct NormalizationSurgery: Sendable {
  public var plan: NormalizationPlan
  public var policy: RewritePolicy
  /// Final state by name, for the way back; what is missing is the default inside the model.
  public var state: [String: Tensor] = [:]

  /// Checks every application of a rule that promises equality by itself; nil: none is checked.
  public var certifier: (any Certifier)?
  /// What may be spent on that.
  public var certificateBudget = CertificateBudget.unlimited

  public init(_ plan: NormalizationPlan, policy: RewritePolicy = RewritePolicy()) {
    self.plan = plan
    self.policy = policy
  }

  /// Performs the surgery.
  ///
  /// - Parameter observer: runs models on sample data: needed for `match-by = "data"`, and to
  ///   predict and measure the damage of group normalisations.
  /// - Throws: `impossible` where the options contradict each other, or ask for data that are not
  ///   there; `invalidData` where `state` is not of this model; what a rewriting run throws. The
  ///   model is then as it was.
  public func perform(
    on model: inout Model, observing observer: (any SampleObserver)? = nil
  ) throws(SurgeonError) -> SurgeryReport {
    for entry in plan.entries { try entry.options.check() }
    try StatePairs.check(state, against: model)
    var left = NodesLeftAlone()
    while true {
      var result = model
      var report = try attempt(on: &result, leaving: left, observer)
      guard left.learn(from: report) else {
        left.complete(&report)
        if !state.isEmpty {
          report.defaultedStates = StatePairs.missing(in: state, turningBack: model, to: result)
        }
        model = result
        return report
      }
    }
  }

  /// - Parameter leaving: nodes that stay as they are, whatever the plan has for them.
  private func attempt(
    on result: inout Model, leaving left: NodesLeftAlone, _ observer: (any SampleObserver)?
  ) throws(SurgeonError) -> SurgeryReport {
    var report = SurgeryReport()
    try stopDropouts(&result, &report)
    try turnBack(&result, &report)
    try recompose(&result, &report, leaving: left.spelled)
    let sites = NormalizationSite.all(in: result, plan: plan, leaving: left.stranded)
    let facts = SiteFacts(model: result)
    let frozen = try frozen(facts.model, sites)
    var groups = try decideGroups(sites, facts, frozen, observer)
    var neighbours: [Node.ID: [String]] = [:]
    let functions = try defineFunctions(sites, facts, in: &result)
    for phase in SurgeryPhases(sites, groups: groups.decisions, functions: functions).phases {
      if phase.name == .remainder {
        neighbours = try reasonsAgainstFolds(sites, in: result)
      }
      try run(phase.rules, on: &result, &report)
    }
    try groups.measure(from: frozen, to: result, observer)
    WelfordFunction.removeUncalled(in: &result)
    StatePairs.record(in: &result)
    var rows = SurgeryRows(
      sites: sites, facts: facts, report: report, groups: groups, neighbours: neighbours,
      policy: policy, result: result)
    report.rows = try rows.make()
    report.outputDamage = groups.outputs
    report.damageSamples = groups.sampleCount
    report.stateCount = StatePairs.find(in: result).count
    report.plan = NormalizationPlan(
      decidedFor: report.rows, stopping: report.stoppedDropouts)
    return report
  }

  /// Puts the Dropouts into inference mode that the plan wants there, as it does normalisations: with
  /// the target `batchnorm`. Whoever trains on wants any other target, and wants them to drop.
  private func stopDropouts(
    _ model: inout Model, _ report: inout SurgeryReport
  ) throws(SurgeonError) {
    let dropouts = try model.trainingDropouts().filter {
      plan.options(for: model.label(of: $0))?.target == .batchnorm
    }
    guard !dropouts.isEmpty else { return }
    try run([.stopDropout(of: .nodes(Set(dropouts)))], on: &model, &report)
    report.stoppedDropouts = report.applications.map(\.subjectName)
  }

  /// Makes decomposed normalisations one node again where the plan has a use for that: frozen
  /// statistics in nodes of their own they are already.
  private func recompose(
    _ model: inout Model, _ report: inout SurgeryReport, leaving left: Set<String>
  ) throws(SurgeonError) {
    let plan = plan
    guard plan.entries.contains(where: { $0.options.needsBatchNormalization }) else { return }
    let rule = RewriteRule.recomposeBatchNorm { name in
      !left.contains(name) && plan.options(for: name)?.needsBatchNormalization ?? false
    }
    let known = report.applications.count
    try run([rule], on: &model, &report)
    // The one node goes by the name that its last part had: by that name a plan speaks of both.
    for application in report.applications[known...] {
      for node in application.added where model.isAlive(node) {
        let isNameOfOutput = model[node].output(0).map { model[$0].name } == application.subjectName
        model.updateNode(node) { $0.name = isNameOfOutput ? "" : application.subjectName }
      }
    }
  }

  private func run(
    _ rules: [RewriteRule], on model: inout Model, _ report: inout SurgeryReport
  ) throws(SurgeonError) {
    let options = RewriteOptions(
      policy: policy, certifier: certifier,
      certificateBudget: report.certificateBudget ?? certificateBudget)
    let run = try Rewriter(rules, options: options).rewrite(&model)
    report.certificateBudget = run.certificateBudget
    report.certified += run.certified
    report.uncertified += run.uncertified
    report.applications += run.applications
    report.failures += run.failures
  }

  /// Adds a function for each form of Welford's recurrence that the plan wants called.
  ///
  /// - Throws: `impossible` where the file's IR version has no functions.
  private func defineFunctions(
    _ sites: [NormalizationSite], _ facts: SiteFacts, in model: inout Model
  ) throws(SurgeonError) -> [WelfordForm: String] {
    var names: [WelfordForm: String] = [:]
    for site in sites where site.options.target == .welford && site.options.callsFunction {
      guard model.header.irVersion >= WelfordFunction.irVersion else {
        throw SurgeonError(
          .impossible, "the file has IR version \(model.header.irVersion), which has no functions",
          detail: "a model has functions of its own from IR version "
            + "\(WelfordFunction.irVersion) on",
          hint: "raise it with --ir-version \(WelfordFunction.irVersion), or leave out "
            + "--as-function")
      }
      guard let norm = site.norm, norm.opset >= 9 else { continue }
      let form = WelfordForm(
        site.options.welford, elementType: facts.elementType(of: site).statisticsType)
      if names[form] == nil {
        names[form] = try WelfordFunction.define(form, opset: norm.opset, in: &model)
      }
    }
    return names
  }

  /// Turns stateful and split normalisations back where the plan wants it.
  private func turnBack(
    _ model: inout Model, _ report: inout SurgeryReport
  ) throws(SurgeonError) {
    let plan = plan
    var rules: [RewriteRule] = []
    if !StatePairs.find(in: model).isEmpty {
      let isWanted: @Sendable (String) -> Bool = { name in
        switch plan.options(for: name)?.target {
        case nil, .keep?, .welford?, .running?: false
        default: true
        }
      }
      rules.append(.statefulToBatchNorm(isWanted: isWanted, state: state))
      let functions = WelfordFunction.names(in: model)
      if !functions.isEmpty {
        rules.append(.callToBatchNorm(of: functions, isWanted: isWanted, state: state))
      }
    }
    let wantsSplitBack = plan.entries.contains {
      $0.options.target == .batchnorm
        || ($0.options.target == .frozen && $0.options.form == .fold)
    }
    if wantsSplitBack {
      rules.append(
        .splitToBatchNorm { name in
          guard let options = plan.options(for: name) else { return false }
          return options.target == .batchnorm
            || (options.target == .frozen && options.form == .fold)
        })
    }
    if !rules.isEmpty { try run(rules, on: &model, &report) }
  }

  /// Why no neighbour takes a node: what each fold says is in its way, nearest first.
  private func reasonsAgainstFolds(
    _ sites: [NormalizationSite], in model: Model
  ) throws(SurgeonError) -> [Node.ID: [String]] {
    let wanted = sites.filter {
      $0.options.target == .frozen && $0.options.form == .fold && model.isAlive($0.node)
    }
    guard !wanted.isEmpty else { return [:] }
    let rewriter = Rewriter(
      SurgeryPhases.folds(of: .all), options: RewriteOptions(policy: policy))
    var result: [Node.ID: [String]] = [:]
    for site in wanted {
      result[site.node] = try rewriter.explain(model, nodes: [site.node]).flatMap { trace in
        trace.blockers.prefix(1).map { "\(trace.rule): \($0.reason)" }
      }
    }
    return result
  }

  /// The model with those nodes in inference mode that become group normalisations: the function
  /// that these are to keep.
  private func frozen(
    _ model: Model, _ sites: [NormalizationSite]
  ) throws(SurgeonError) -> Model {
    let nodes = Set(
      sites.lazy.filter { $0.options.target.isGroup && $0.trainingEvidence != nil }.map(\.node))
    guard !nodes.isEmpty else { return model }
    var result = model
    try Rewriter([.freezeTraining(of: .nodes(nodes))], options: RewriteOptions(policy: policy))
      .rewrite(&result)
    return result
  }

  private func decideGroups(
    _ sites: [NormalizationSite], _ facts: SiteFacts, _ frozen: Model,
    _ observer: (any SampleObserver)?
  ) throws(SurgeonError) -> GroupDecisions {
    var groups = GroupDecisions()
    for site in sites where site.options.target.isGroup {
      do throws(SurgeonError) {
        groups.decisions.append(try GroupDecision(site, facts: facts, policy: policy))
      } catch {
        groups.refusals[site.node] = error
      }
    }
    try groups.fitToData(frozen, observer)
    return groups
  }
}

extension NormalizationOptions {
  /// Whether the target is reached from a BatchNormalization node only.
  var needsBatchNormalization: Bool {
    switch target {
    case .keep: false
    case .frozen: form == .fold
    case .welford, .running, .groupnorm, .layernorm, .instancenorm, .batchnorm: true
    }
  }
}

extension NormalizationOptions.Target {
  /// Whether a node in training mode is put into inference mode on the way. Frozen statistics are
  /// not among them: they promise that the function stays, and here it would change.
  var freezesTraining: Bool {
    switch self {
    case .keep, .frozen: false
    case .welford, .running, .groupnorm, .layernorm, .instancenorm, .batchnorm: true
    }
  }
}
