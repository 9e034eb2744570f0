public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization with frozen statistics in four operators, so that gamma and beta stay
  /// what they were, by name and shape, for whoever trains them.
  ///
  ///     Y = (X - mean) * (1 / sqrt(var + epsilon)) * gamma + beta
  ///
  /// Before: `y = BatchNormalization <epsilon = 1e-05> (x, gamma, beta, mean, var)`
  ///
  /// After, on an X of rank 4:
  ///
  ///     gamma_spread = Reshape(gamma, shape)
  ///     beta_spread = Reshape(beta, shape)
  ///     centered = Sub(x, mean)
  ///     normalized = Mul(centered, inverse_deviation)
  ///     scaled = Mul(normalized, gamma_spread)
  ///     y = Add(scaled, beta_spread)
  public static func frozenSplit(of selection: NodeSelection = .all) -> RewriteRule {
    let bn = BatchNormPattern()
    return RewriteRule(
      "frozen-split",
      "BatchNormalization with frozen statistics, with gamma and beta left to train",
      fidelity: .rounding, pattern: bn.pattern, subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.hasFrozenStatistics + [bn.hasKnownRank]
    ) { match, context, patch in
      let norm = try bn.read(match, context)
      let parameters = try bn.parameters(match, context, allowsUnit: true)
      let (type, elementType) = try bn.inputType(match, context, parameters)
      return try OperatorSpelling(opset: norm.opset).split(
        norm, parameters: parameters, type: type, elementType: elementType, into: &patch)
    }
  }
}
