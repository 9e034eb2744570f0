internal import SurgeonIR
public import SurgeonRewrite

/// Options of the rule for running statistics.
public struct RunningOptions: Sendable, Hashable {
  /// Weight of the old statistics for each sample; the node's own momentum where nil.
  public var momentum: Double?
  public var start: WelfordOptions.Start
  public var normalization: WelfordOptions.Normalization

  public init(
    momentum: Double? = nil, start: WelfordOptions.Start = .pretrained,
    normalization: WelfordOptions.Normalization = .updated
  ) {
    self.momentum = momentum
    self.start = start
    self.normalization = normalization
  }
}

extension RewriteRule {
  /// A BatchNormalization with exponentially averaged statistics, safe at batch size 1.
  ///
  ///     keep = momentum^N,  r = 1 - keep                             (see RunningRecurrence)
  ///     m' = m + r (m_b - m),  v' = (1 - r) v + r v_b + r (1 - r) (m_b - m)^2
  ///     Y = (X - m') * gamma / sqrt(v' + epsilon) + beta
  ///
  /// Before: `y = BatchNormalization(x, gamma, beta, mean, var)`
  ///
  /// After: some twenty-five standard operators, and for each state tensor an input `bn.mean`,
  /// `bn.var` (and `bn.weight` for a standard start) with a default, and an output that follows it.
  public static func running(
    of selection: NodeSelection = .all,
    options: @escaping @Sendable (String) -> RunningOptions = { _ in RunningOptions() }
  ) -> RewriteRule {
    let bn = BatchNormPattern()
    return .editing(
      "running-statistics", "BatchNormalization with exponentially averaged statistics (IIR)",
      fidelity: .stateful, pattern: bn.pattern, subject: bn.node,
      conditions: selection.conditions(on: bn.node) + StatefulConditions(bn: bn).all + [
        Condition("the momentum lets the statistics move", about: bn.node.name) { match, context in
          let norm = try bn.read(match, context)
          let name = context.model.label(of: norm.node)
          let momentum = options(name).momentum ?? norm.momentum
          guard !(0..<1).contains(momentum) else { return true }
          throw Decline(
            "its momentum is \(momentum): the statistics would never move", node: norm.node,
            remedy: "give the weight of the old statistics for each sample with --momentum")
        }
      ]
    ) { match, context, patch in
      let site = try StatisticsSite(bn, match, context, into: &patch)
      let name = context.model.label(of: site.norm.node)
      let options = options(name)
      let initial = RunningRecurrence(
        momentum: options.momentum ?? site.norm.momentum, start: options.start,
        normalization: options.normalization, mean: site.parameters.mean,
        variance: site.parameters.variance)
      let channels = site.parameters.shape
      let state = NormalizationState(
        count: options.start == .standard
          ? site.state([initial.weight], shape: [], named: "\(name).weight", into: &patch) : nil,
        mean: site.state(initial.mean, shape: channels, named: "\(name).mean", into: &patch),
        spread: site.state(initial.variance, shape: channels, named: "\(name).var", into: &patch))
      let (output, next) = site.spelling.running(
        site.input, state: state, gamma: site.gamma, beta: site.beta,
        epsilon: site.norm.epsilon, momentum: initial.momentum,
        normalization: options.normalization, into: &patch)
      patch.remove(match.root)
      patch.replace(match.output, with: site.narrowed(output, into: &patch))
      patch.publish(next, following: state)
    }
  }
}
