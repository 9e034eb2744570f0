public import SurgeonRewrite

extension RewriteRule {
  /// A BatchNormalization with frozen statistics is one multiplication and one addition.
  ///
  ///     Y = X * a + b,  a = gamma / sqrt(var + epsilon),  b = beta - mean * a
  ///
  /// Before: `y = BatchNormalization <epsilon = 1e-05> (x, gamma, beta, mean, var)`
  ///
  /// After:
  ///
  ///     scaled = Mul(x, slope)
  ///     y = Add(scaled, intercept)
  ///
  /// Where gamma and beta are no constants, slope and intercept are computed from them in the graph.
  public static func frozenAffine(of selection: NodeSelection = .all) -> RewriteRule {
    let bn = BatchNormPattern()
    return RewriteRule(
      "frozen-affine", "BatchNormalization with frozen statistics is a Mul and an Add",
      fidelity: .rounding, pattern: bn.pattern, subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.hasFrozenStatistics + [bn.hasKnownRank]
    ) { match, context, patch in
      let norm = try bn.read(match, context)
      let parameters = try bn.parameters(match, context, allowsUnit: true)
      let (type, elementType) = try bn.inputType(match, context, parameters)
      return try OperatorSpelling(opset: norm.opset).affine(
        GraphAffine(ChannelAffine(parameters), of: parameters, norm), of: norm.input, type: type,
        elementType: elementType, into: &patch)
    }
  }
}
