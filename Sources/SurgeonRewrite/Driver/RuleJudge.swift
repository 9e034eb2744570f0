internal import SurgeonIR

/// Asks the conditions and the replacement of a rule about a match.
struct RuleJudge {
  let rule: RewriteRule
  let policy: RewritePolicy
  let types: TypeSource
  /// The name of the original node from which the subject comes, where a rule has made it: names that
  /// grew with every application would be no names in the end.
  var source: String?

  /// Why a match was declined, and by what.
  struct Refusal: Error {
    var decline: Decline
    /// The condition, or nil where the replacement itself declined.
    var condition: Condition?
  }

  func patch(
    for match: Match, in model: borrowing Model
  ) throws(SurgeonError) -> Result<Patch, Refusal> {
    let context = context(for: match, model)
    for condition in rule.conditions {
      if let decline = try Self.refusal(of: condition, match, context) {
        return .failure(Refusal(decline: decline, condition: condition))
      }
    }
    if let decline = Self.lateness(of: match, in: model) {
      return .failure(Refusal(decline: decline, condition: nil))
    }
    return try replacement(for: match, context)
  }

  /// Every refusal: of each condition, and of the replacement where all conditions hold.
  func refusals(
    of match: Match, in model: borrowing Model
  ) throws(SurgeonError) -> [Refusal] {
    var refusals = try conditionRefusals(of: match, in: model)
    if let decline = Self.lateness(of: match, in: model) {
      refusals.append(Refusal(decline: decline, condition: nil))
    }
    if refusals.isEmpty,
      case .failure(let refusal) = try replacement(for: match, context(for: match, model))
    {
      refusals.append(refusal)
    }
    return refusals
  }

  /// The refusals of the conditions alone, for a match that is not quite one.
  func conditionRefusals(
    of match: Match, in model: borrowing Model
  ) throws(SurgeonError) -> [Refusal] {
    let context = context(for: match, model)
    var refusals: [Refusal] = []
    for condition in rule.conditions {
      if let decline = try Self.refusal(of: condition, match, context) {
        refusals.append(Refusal(decline: decline, condition: condition))
      }
    }
    return refusals
  }

  private func context(for match: Match, _ model: borrowing Model) -> RewriteContext {
    RewriteContext(
      model: copy model, graph: model[match.root].graph, policy: policy, types: types)
  }

  private static func refusal(
    of condition: Condition, _ match: Match, _ context: RewriteContext
  ) throws(SurgeonError) -> Decline? {
    do {
      if try condition.test(match, context) { return nil }
    } catch {
      return try decline(from: error)
    }
    var place: Decline.Place?
    switch condition.subject.flatMap({ match.binding($0) }) {
    case .value(let value), .constant(let value?, _): place = .value(value)
    case .node(let node): place = .node(node)
    default: break
    }
    return Decline("not so: \(condition.sentence)", at: place, remedy: condition.remedy)
  }

  private func replacement(
    for match: Match, _ context: RewriteContext
  ) throws(SurgeonError) -> Result<Patch, Refusal> {
    let label = source ?? context.model.label(of: match.subject)
    var patch = Patch(
      to: context.model, in: context.graph, before: Self.anchor(of: match, context.model),
      namePrefix: label)
    patch.provenance = [
      StringPair("surgeon.rule", rule.name), StringPair("surgeon.source", label),
    ]
    do {
      try rule.edit(match, context, &patch)
    } catch {
      return .failure(Refusal(decline: try Self.decline(from: error), condition: nil))
    }
    return .success(patch)
  }

  /// New nodes stand before the root; of several roots, before the last, so that every captured
  /// value has been computed.
  private static func anchor(of match: Match, _ model: borrowing Model) -> Node.ID {
    var last = match.root
    for root in match.roots where model.isBefore(last, root) { last = root }
    return last
  }

  /// Of several roots, the results of all are computed where the last stands: too late for a reader
  /// that stands before it.
  private static func lateness(of match: Match, in model: borrowing Model) -> Decline? {
    guard match.roots.count > 1 else { return nil }
    let anchor = anchor(of: match, model)
    for root in match.roots where root != anchor {
      for case let output? in model[root].outputs {
        for case let reader? in model[output].uses.map(\.node) {
          guard let reader = model.ancestor(of: reader, in: model[anchor].graph),
            !match.nodes.contains(reader), model.isBefore(reader, anchor)
          else { continue }
          return Decline(
            "'\(model.label(of: reader))' reads one result before another can be computed",
            node: reader)
        }
      }
    }
    return nil
  }

  /// A reason to decline; errors that are about the file or the engine go on.
  private static func decline(from error: any Error) throws(SurgeonError) -> Decline {
    if let decline = error as? Decline { return decline }
    guard let error = error as? SurgeonError else { return Decline("\(error)") }
    if [.io, .malformedModel, .broken].contains(error.code) { throw error }
    let reason = error.detail.map { "\(error.message): \($0)" } ?? error.message
    return Decline(reason, remedy: error.hint)
  }
}
