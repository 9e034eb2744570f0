internal import SurgeonIR

/// One run of a rewriter: the model as it changes, who waits, and what happened.
struct RewriteRun {
  var model: Model
  let rules: [RewriteRule]
  let options: RewriteOptions
  let index: RuleIndex
  let types: TypeSource
  let matchers: [Matcher]
  let cap: Int
  var report: RewriteReport
  var worklist: Worklist
  var orphans: [Value.ID] = []
  private var budget: CertificateBudget
  /// Places where a rule broke its promise, by rule: not to be tried again.
  var refused: [Int: Set<Node.ID>] = [:]
  /// The name of the node of the original model from which an added node comes.
  private var sources: [Node.ID: String] = [:]
  /// Whether a copy of the model is kept at every application, to undo it.
  let canUndo: Bool
  /// A promise was broken, and what stands in the model cannot be undone.
  private(set) var mustStartOver = false

  init(
    model: Model, rules: [RewriteRule], options: RewriteOptions, canUndo: Bool = false
  ) {
    self.canUndo = canUndo
    self.model = model
    self.rules = rules
    self.options = options
    index = RuleIndex(rules)
    let types = TypeSource(table: options.types)
    self.types = types
    matchers = rules.map {
      Matcher(pattern: $0.compiled, policy: options.policy, types: types)
    }
    budget = options.certificateBudget
    cap = options.applicationCap ?? 1000 + 4 * model.nodeTableCount
    report = RewriteReport(statistics: rules.map { RewriteReport.Statistics(rule: $0.name) })
    worklist = Worklist(nodes: [], tableCount: 0)
  }

  mutating func finish() throws(SurgeonError) {
    var before = -1
    while report.applications.count != before, !mustStartOver {
      before = report.applications.count
      report.sweeps += 1
      worklist = Worklist(nodes: model.allNodes, tableCount: model.nodeTableCount)
      while !mustStartOver, let node = worklist.popFirst() {
        if model.isAlive(node) { try visit(node) }
      }
    }
    report.certificateBudget = budget
    report.typeFailure = types.failure
    let unused = Set(orphans).filter {
      model.isAlive($0) && !model[$0].isDefinedByNode && model[$0].uses.isEmpty
    }
    model.removeValues(unused.sorted())
    if options.checksInvariants { model.checkInvariants() }
  }

  /// Tries the rules at a node; the first that applies ends the visit.
  private mutating func visit(_ node: Node.ID) throws(SurgeonError) {
    for rule in index.rules(for: model[node].opType) {
      report.statistics[rule].tried += 1
      // Nearly every try ends here, in less time than it takes to read the clock.
      guard matchers[rule].mayMatch(node, in: model) else { continue }
      let start = ContinuousClock.now
      let hasApplied = try attempt(rule, at: node)
      let elapsed = (ContinuousClock.now - start).components
      report.statistics[rule].nanoseconds +=
        elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000
      if hasApplied || mustStartOver { return }
    }
  }

  private mutating func attempt(_ rule: Int, at node: Node.ID) throws(SurgeonError) -> Bool {
    guard let match = try matchers[rule].match(node, in: model),
      options.selection.contains(match.subject, in: model),
      refused.isEmpty || refused[rule]?.contains(node) != true
    else { return false }
    guard let patch = try proposal(of: rules[rule], for: match) else {
      report.statistics[rule].nearMisses += 1
      return false
    }
    guard !patch.isEmpty else { return false }
    return try apply(patch, of: rule, match)
  }

  /// The patch of a match; nil where a condition or the replacement declines.
  func proposal(of rule: RewriteRule, for match: Match) throws(SurgeonError) -> Patch? {
    let judge = RuleJudge(
      rule: rule, policy: options.policy, types: types, source: sources[match.subject])
    switch try judge.patch(for: match, in: model) {
    case .success(let patch): return patch
    case .failure: return nil
    }
  }

  func allMatches() throws(SurgeonError) -> [(rule: RewriteRule, match: Match)] {
    var result: [(rule: RewriteRule, match: Match)] = []
    for node in model.allNodes {
      for rule in index.rules(for: model[node].opType) {
        guard let match = try matchers[rule].match(node, in: model),
          options.selection.contains(match.subject, in: model),
          try proposal(of: rules[rule], for: match) != nil
        else { continue }
        result.append((rules[rule], match))
      }
    }
    return result
  }

  // MARK: Applying

  private mutating func apply(
    _ patch: Patch, of rule: Int, _ match: Match
  ) throws(SurgeonError) -> Bool {
    let subjectName = sources[match.subject] ?? model.label(of: match.subject)
    let matched = ([match.root] + match.nodes.filter { $0 != match.root }).map {
      model[$0].opType
    }
    let touched = match.nodes.flatMap { model[$0].inputs.compactMap { $0 } }
    let certificate = try certificate(of: rule, match)
    let effect: PatchEffect
    do {
      effect = try model.apply(patch)
    } catch {
      throw error.within("rule '\(rules[rule].name)' at node '\(subjectName)'")
    }
    if options.checksInvariants {
      let broken = model.brokenInvariants(
        around: effect.addedNodes + effect.changedNodes + match.nodes)
      if !broken.isEmpty {
        throw SurgeonError(
          .broken, "rule '\(rules[rule].name)' left the graph inconsistent",
          at: ["node '\(subjectName)'"], detail: broken.joined(separator: "; "))
      }
    }
    if var certificate {
      let after =
        certificate.obstacle == nil ? try certificate.cutter.after(effect, in: model) : nil
      if try !holds(certificate, after, of: rule, match, subjectName) { return false }
    }
    types.update(model, after: effect)
    orphans += effect.orphanedValues
    report.applications.append(
      RewriteReport.Application(
        rule: rules[rule].name, fidelity: rules[rule].fidelity, subject: match.subject,
        subjectName: subjectName, matched: matched, added: effect.addedNodes))
    for node in effect.addedNodes { sources[node] = subjectName }
    report.statistics[rule].applied += 1
    if report.statistics[rule].applied > cap { throw endlessness(of: rule, at: subjectName) }
    requeue(effect, around: match, touched)
    return true
  }

  private func endlessness(of rule: Int, at subjectName: String) -> SurgeonError {
    let others = report.statistics.enumerated().filter { $0 != rule && 2 * $1.applied > cap }
    let rivals = others.map { "'\($1.rule)'" }.joined(separator: ", ")
    return SurgeonError(
      .broken, "rule '\(rules[rule].name)' does not come to an end",
      at: ["node '\(subjectName)'"],
      detail: "it has applied \(cap) times, which is the limit for this model"
        + (rivals.isEmpty ? "" : ", and \(rivals) nearly as often"),
      hint: rivals.isEmpty
        ? "make sure that what the rule writes is not what its pattern looks for"
        : "make sure that no rule writes what another turns back")
  }

  // MARK: Certificates

  /// The piece of the model that is about to change, and the model as it is before where the change
  /// may have to be undone.
  private struct Certificate {
    var model: Model?
    var cutter: PieceCutter
    /// Why the application is not to be checked.
    var obstacle: String?
  }

  private mutating func certificate(
    of rule: Int, _ match: Match
  ) throws(SurgeonError) -> Certificate? {
    guard options.certifier != nil, rules[rule].fidelity.promisesEquality else { return nil }
    var cutter = try PieceCutter(match, in: model, policy: options.policy, types: types)
    let obstacle = budget.spend(cutter.cost)
    if obstacle == nil { try cutter.cut(in: model) }
    return Certificate(model: canUndo ? model : nil, cutter: cutter, obstacle: obstacle)
  }

  /// Judges an application that has been made, and undoes it where it breaks its rule's promise.
  private mutating func holds(
    _ certificate: Certificate, _ after: Model?, of rule: Int, _ match: Match,
    _ subjectName: String
  ) throws(SurgeonError) -> Bool {
    guard let certifier = options.certifier else { return true }
    let name = rules[rule].name
    let verdict: CertificateVerdict
    if let obstacle = certificate.obstacle {
      verdict = .unchecked(obstacle)
    } else if let before = certificate.cutter.before, let after {
      verdict = try certifier.certify(
        CertificatePiece(
          rule: name, fidelity: rules[rule].fidelity, before: before, after: after))
    } else {
      verdict = .unchecked("the place cannot be cut out of its graph")
    }
    switch verdict {
    case .holds: report.certified += 1
    case .unchecked(let reason):
      report.uncertified.append(
        RewriteReport.Failure(rule: name, subjectName: subjectName, detail: reason))
    case .broken(let detail):
      guard let before = certificate.model else {
        mustStartOver = true
        return false
      }
      model = before
      refused[rule, default: []].insert(match.root)
      report.failures.append(
        RewriteReport.Failure(rule: name, subjectName: subjectName, detail: detail))
      return false
    }
    return true
  }

  /// Lets the neighbourhood of an edit wait: what is new or changed, what reads it as far down as a
  /// pattern reaches, and the readers of values that lost a reader (a 'used once' may hold now).
  private mutating func requeue(
    _ effect: PatchEffect, around match: Match, _ touched: [Value.ID]
  ) {
    var level = effect.addedNodes + effect.changedNodes + match.nodes
    for value in touched where model.isAlive(value) && model[value].uses.count <= index.width {
      level += model[value].uses.compactMap(\.node)
      if let producer = model[value].producer?.node { level.append(producer) }
    }
    for _ in 0..<index.depth {
      var next: [Node.ID] = []
      for node in level where model.isAlive(node) {
        worklist.append(node)
        for case let output? in model[node].outputs {
          // Past a value that everybody reads a pattern's constraints do not change; the sweep that
          // follows sees to the rest.
          guard model[output].uses.count <= 2 * index.width else { continue }
          next += model[output].uses.compactMap(\.node)
        }
      }
      level = next
    }
    for node in level where model.isAlive(node) { worklist.append(node) }
  }
}

extension Value {
  var isDefinedByNode: Bool { producer != nil }
}
