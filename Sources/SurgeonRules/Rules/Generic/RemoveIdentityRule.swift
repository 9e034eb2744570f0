internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// An Identity is left out.
  ///
  /// Before:
  ///
  ///     a = Identity(x)
  ///     y = Relu(a)
  ///
  /// After: `y = Relu(x)`
  ///
  /// An Identity stays where an output of a graph could not be its input itself: a graph input, a
  /// constant, a value of an outer graph, or another output.
  public static func removeIdentity() -> RewriteRule {
    let x = Capture<Value.ID>("x")
    return RewriteRule(
      "remove-identity", "an Identity is left out", fidelity: .exact, pattern: Op.Identity(x),
      conditions: [.canTakeThePlace(of: x)]
    ) { match, _, _ in match[x] }
  }

  /// A Dropout that passes its input on, as in inference, is left out.
  ///
  /// Before:
  ///
  ///     a = Dropout(x, ratio)
  ///     y = Relu(a)
  ///
  /// After: `y = Relu(x)`
  public static func removeDropout() -> RewriteRule {
    let x = Capture<Value.ID>("x")
    return RewriteRule(
      "remove-dropout", "a Dropout that does nothing, as in inference, is left out",
      fidelity: .exact, pattern: Op.Dropout(x, Op.rest).withAnyOutputs,
      conditions: [
        Condition(
          "the Dropout is in inference mode and nobody reads its mask",
          remedy: "export the model in inference mode"
        ) { match, context in context.model.isInferenceDropout(match.root) },
        .canTakeThePlace(of: x),
      ]
    ) { match, _, _ in match[x] }
  }
}

extension Condition {
  /// The input may stand wherever the root's result stands now.
  fileprivate static func canTakeThePlace(of input: Capture<Value.ID>) -> Condition {
    Condition(
      "an output of a graph is computed in that graph, by a node, under one name",
      about: input.name
    ) { match, context in
      guard context.model[match.output].isGraphOutput else { return true }
      let value = context.model[match[input]]
      return value.producer != nil && !value.isGraphOutput && value.graph == context.graph
    }
  }
}
