public import SurgeonIR

extension Rewriter {
  /// Why the rules do not apply, the nearest misses first.
  ///
  /// - Parameters:
  ///   - nodes: nodes of interest: every rule that has a place for such a node says what is in its
  ///     way, however far it is from matching, and rules that apply are listed without blockers. nil:
  ///     all near misses of the model.
  ///   - insisting: rules of which something is to be said in any case: where there is no near miss
  ///     of theirs, the nearest of all places, or where they apply.
  ///   - limit: the most traces that are returned.
  public func explain(
    _ model: borrowing Model, nodes: [Node.ID]? = nil, insistingOn insisting: Set<String> = [],
    limit: Int = .max
  ) throws(SurgeonError) -> [MatchTrace] {
    let types = TypeSource(table: options.types)
    var traces: [MatchTrace] = []
    for rule in rules {
      let tracer = Tracer(rule: rule, policy: options.policy, types: types)
      if let nodes {
        for node in nodes {
          traces += try Self.traces(of: tracer, about: node, in: model)
        }
      } else if !rule.compiled.isForEveryNode {
        var nearest: MatchTrace?
        var isMissed = false
        for root in model.allNodes where Self.mayBeRoot(root, of: rule, in: model) {
          let trace = try tracer.trace(at: root, in: model)
          if trace.isNearMiss {
            traces.append(trace)
            isMissed = true
          }
          if nearest.map({ MatchTrace.isNearer(trace, $0) }) ?? true { nearest = trace }
        }
        if let nearest, !isMissed, insisting.contains(rule.name) { traces.append(nearest) }
      }
    }
    let selected = traces.filter { options.selection.contains($0.subjectName) }
    let ranked = selected.enumerated().sorted { a, b in
      if MatchTrace.isNearer(a.element, b.element) { return true }
      return MatchTrace.isNearer(b.element, a.element) ? false : a.offset < b.offset
    }
    return ranked.prefix(limit).map(\.element)
  }

  /// What one rule says about a node: as its root, or in the match of a root that reads it.
  private static func traces(
    of tracer: Tracer, about node: Node.ID, in model: borrowing Model
  ) throws(SurgeonError) -> [MatchTrace] {
    var found: [MatchTrace] = []
    for root in reachable(from: node, depth: tracer.pattern.depth, in: model)
    where mayBeRoot(root, of: tracer.rule, in: model) {
      let trace = try tracer.trace(at: root, in: model)
      if root == node || trace.nodes.contains(node) { found.append(trace) }
    }
    if !found.isEmpty { return found }
    return tracer.traceWithoutRoot(from: node, in: model).map { [$0] } ?? []
  }

  private static func mayBeRoot(
    _ node: Node.ID, of rule: RewriteRule, in model: borrowing Model
  ) -> Bool {
    let opType = model[node].opType
    let domain = Model.canonical(model[node].domain)
    return rule.compiled.operators(at: rule.compiled.roots[0])?.contains {
      $0.accepts(opType: opType, domain: domain)
    } ?? false
  }

  /// The node, and the nodes that read its results within `depth - 1` steps; Identity nodes are no
  /// step.
  private static func reachable(
    from node: Node.ID, depth: Int, in model: borrowing Model
  ) -> [Node.ID] {
    var result = [node]
    var level = [node]
    for _ in 1..<max(depth, 1) {
      var next: [Node.ID] = []
      while let current = level.popLast() {
        for case let output? in model[current].outputs {
          for case let reader? in model[output].uses.map(\.node) where !result.contains(reader) {
            result.append(reader)
            if model[reader].opType == "Identity" {
              level.append(reader)
            } else {
              next.append(reader)
            }
          }
        }
      }
      level = next
    }
    return result
  }
}
