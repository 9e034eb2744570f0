internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization whose statistics keep running by Welford's recurrence, so that a batch of
  /// one sample normalises with what was learnt over the last n samples.
  ///
  ///     n, m, M2  <-  Chan's merge of (n, m, M2) with the batch      (see WelfordRecurrence)
  ///     Y = (X - m) * gamma / sqrt(M2 / n + epsilon) + beta
  ///
  /// Before: `y = BatchNormalization(x, gamma, beta, mean, var)`
  ///
  /// After: some thirty standard operators, or one call of a function that holds them; and for each
  /// state tensor an input `bn.mean`, `bn.m2` (and `bn.count` where it is capped) with a default,
  /// and an output `bn.mean.next`, ... that the caller feeds back.
  ///
  /// - Parameter function: the function of the model (see `WelfordFunction`) that computes a form; a
  ///   node of a form without one is spelled out in its place.
  public static func welford(
    of selection: NodeSelection = .all,
    options: @escaping @Sendable (String) -> WelfordOptions = { _ in WelfordOptions() },
    calling function: @escaping @Sendable (String, WelfordForm) -> String? = { _, _ in nil }
  ) -> RewriteRule {
    let bn = BatchNormPattern()
    return .editing(
      "welford-statistics", "BatchNormalization with statistics that keep running (Welford, Chan)",
      fidelity: .stateful, pattern: bn.pattern, subject: bn.node,
      conditions: selection.conditions(on: bn.node) + StatefulConditions(bn: bn).all
    ) { match, context, patch in
      let site = try StatisticsSite(bn, match, context, into: &patch)
      let name = context.model.label(of: site.norm.node)
      let options = options(name)
      let initial = WelfordRecurrence(
        options: options, mean: site.parameters.mean, variance: site.parameters.variance
      ).state
      let channels = site.parameters.shape
      let state = NormalizationState(
        count: options.count == .capped
          ? site.state([initial.count], shape: [], named: "\(name).count", into: &patch) : nil,
        mean: site.state(initial.mean, shape: channels, named: "\(name).mean", into: &patch),
        spread: site.state(initial.m2, shape: channels, named: "\(name).m2", into: &patch))
      let form = WelfordForm(options, elementType: site.input.elementType)
      let output: Value.ID
      let next: NormalizationState
      if let function = function(name, form) {
        (output, next) = WelfordFunction.call(
          function, of: site.input, state: state, gamma: site.gamma, beta: site.beta,
          epsilon: site.norm.epsilon, maximum: options.maximum, opset: site.norm.opset,
          into: &patch)
      } else {
        let spelling = site.spelling
        (output, next) = spelling.welford(
          site.input, state: state, gamma: site.gamma, beta: site.beta,
          epsilon: spelling.scalar(
            site.norm.epsilon, of: site.input, name: "epsilon", into: &patch),
          maximum: form.counting == .uncapped
            ? nil
            : spelling.scalar(
              options.maximum, of: site.input, name: "maximum_count", into: &patch),
          form: form, into: &patch)
      }
      patch.remove(match.root)
      patch.replace(match.output, with: site.narrowed(output, into: &patch))
      patch.publish(next, following: state)
    }
  }
}

extension Patch {
  /// Makes the state after a batch outputs of the graph.
  mutating func publish(_ next: NormalizationState, following state: NormalizationState) {
    if let count = state.count, let following = next.count {
      graphOutput(following, following: count)
    }
    graphOutput(next.mean, following: state.mean)
    graphOutput(next.spread, following: state.spread)
  }
}
