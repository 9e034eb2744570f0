internal import SurgeonIR

/// Matches a rule as far as it goes and notes everything that is in the way.
///
/// The tolerant twin of `Matcher`: at a choice it keeps the option with the fewest missing operators
/// and blockers.
struct Tracer {
  let rule: RewriteRule
  let policy: RewritePolicy
  let types: TypeSource
  let matcher: Matcher

  var pattern: CompiledPattern { rule.compiled }

  init(rule: RewriteRule, policy: RewritePolicy, types: TypeSource) {
    self.rule = rule
    self.policy = policy
    self.types = types
    matcher = Matcher(pattern: rule.compiled, policy: policy, types: types)
  }

  func trace(at root: Node.ID, in model: borrowing Model) throws(SurgeonError) -> MatchTrace {
    if let match = try matcher.match(root, in: model) {
      let judge = RuleJudge(rule: rule, policy: policy, types: types)
      let blockers = try judge.refusals(of: match, in: model).map { blocker($0, model) }
      return trace(root, match.subject, match.nodes, missing: 0, blockers, model)
    }
    var state = TraceState(
      bindings: Array(repeating: nil, count: pattern.captureNames.count))
    state.roots.append(root)
    state = try follow(pattern.roots[0], .node(root), state, model)
    for element in pattern.roots.dropFirst() {
      state = try furtherRoot(element, state, model)
    }
    for entry in state.readOnlyInside
    where !matcher.isRead(entry.value, onlyBy: state.nodes, model) {
      state.blockers.append(readBlocker(entry.element, entry.constraint, entry.value, state, model))
    }
    if state.missing == 0, !state.hasUnboundCaptures, let output = state.output {
      let match = Match(
        root: root, roots: state.roots, nodes: state.nodes, output: output,
        subject: subject(state, root), names: pattern.captureNames, bindings: state.bindings)
      let judge = RuleJudge(rule: rule, policy: policy, types: types)
      state.blockers += try judge.conditionRefusals(of: match, in: model).map {
        blocker($0, model)
      }
    }
    return trace(
      root, subject(state, root), state.nodes, missing: state.missing, state.blockers, model)
  }

  /// For a node that stands where the pattern has an operator that is no root: says that the root is
  /// not there. nil where the pattern has no such place.
  func traceWithoutRoot(from node: Node.ID, in model: borrowing Model) -> MatchTrace? {
    let opType = model[node].opType
    let domain = Model.canonical(model[node].domain)
    for element in pattern.elements.indices {
      guard case .op(let parent) = pattern.elements[element].kind else { continue }
      let fits = parent.inputs.contains { input in
        pattern.operators(at: input)?.contains {
          !$0.opTypes.isEmpty && $0.accepts(opType: opType, domain: domain)
        } ?? false
      }
      guard fits, let output = model[node].output(0) else { continue }
      let readers = model.readers(of: output, except: [])
      let wanted = CompiledPattern.name(of: parent)
      let blocker = Blocker(
        kind: .structure, reason: "the rule looks for \(wanted) that reads '\(model[output].name)'",
        element: pattern.describe(element), location: pattern.elements[element].location,
        node: node, value: output, place: model.words(output), readers: readers, remedy: nil)
      return trace(nil, node, [node], missing: pattern.operatorCount - 1, [blocker], model)
    }
    return nil
  }

  private func subject(_ state: TraceState, _ root: Node.ID) -> Node.ID {
    if let slot = pattern.subjectSlot, case .node(let node)? = state.bindings[slot] { return node }
    return root
  }

  private func trace(
    _ root: Node.ID?, _ subject: Node.ID, _ nodes: [Node.ID], missing: Int,
    _ blockers: [Blocker], _ model: borrowing Model
  ) -> MatchTrace {
    // Of alternatives, those operators count that were looked for.
    let total = nodes.count + missing
    return MatchTrace(
      rule: rule.name, summary: rule.summary, root: root, subject: subject,
      subjectName: model.label(of: subject), subjectOperator: model[subject].opType, nodes: nodes,
      foundOperators: nodes.count, operators: total,
      blockers: blockers.enumerated().sorted {
        $0.element.kind != $1.element.kind
          ? $0.element.kind > $1.element.kind : $0.offset < $1.offset
      }.map(\.element))
  }

  // MARK: Choices

  func best(_ options: [TraceState]) -> TraceState? {
    var best: TraceState?
    for option in options where best.map({ TraceState.isBetter(option, $0) }) ?? true {
      best = option
    }
    return best
  }

  private func furtherRoot(
    _ element: Int, _ state: TraceState, _ model: borrowing Model
  ) throws(SurgeonError) -> TraceState {
    var shared = MatchState(bindings: state.bindings)
    shared.roots = state.roots
    var options: [TraceState] = []
    for node in matcher.candidates(forRoot: element, shared, model) {
      var option = state
      option.roots.append(node)
      options.append(try follow(element, .node(node), option, model))
    }
    if let best = best(options) { return best }
    var failed = state
    failed.missing += pattern.operatorCount(under: element)
    failed.hasUnboundCaptures = true
    failed.blockers.append(
      Blocker(
        kind: .structure,
        reason: "no \(pattern.leadingName(element)) shares a value with the rest of the match",
        element: pattern.describe(element), location: pattern.elements[element].location,
        node: state.roots[0], value: nil, place: model.words(state.roots[0]), readers: [],
        remedy: nil))
    return failed
  }

  // MARK: Blockers

  func blocker(_ refusal: RuleJudge.Refusal, _ model: borrowing Model) -> Blocker {
    var node: Node.ID?
    var value: Value.ID?
    var place: String?
    switch refusal.decline.place {
    case .node(let id)?:
      node = id
      place = model.words(id)
    case .value(let id)?:
      value = id
      place = model.words(id)
    case nil: break
    }
    return Blocker(
      kind: .condition, reason: refusal.decline.reason,
      element: refusal.condition.map { "condition: \($0.sentence)" } ?? "replacement",
      location: refusal.condition?.location ?? rule.location, node: node, value: value,
      place: place, readers: [], remedy: refusal.decline.remedy)
  }

  func readBlocker(
    _ element: Int, _ constraint: Constraint, _ value: Value.ID, _ state: TraceState,
    _ model: borrowing Model
  ) -> Blocker {
    let isPublic = model[value].isGraphOutput
    return Blocker(
      kind: .constraint,
      reason: "'\(model[value].name)' is also read by others, so it cannot disappear",
      element: pattern.describe(element), location: constraint.location, node: nil, value: value,
      place: model.words(value), readers: model.readers(of: value, except: state.nodes),
      remedy: isPublic
        ? "if nobody needs that output, take it off the model's outputs"
        : "rewrite the other readers first, or leave this node as it is")
  }
}
