internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A normalisation spelled in elementwise operators becomes one BatchNormalization again.
  ///
  ///     y = (x - mean) / sqrt(var + epsilon) * gamma + beta      per channel (axis 1)
  ///
  /// Before, the operands of Mul and Add in any order:
  ///
  ///     c = Sub(x, mean)
  ///     v = Add(var, epsilon)
  ///     d = Sqrt(v)
  ///     n = Div(c, d)
  ///     s = Mul(n, gamma)
  ///     y = Add(s, beta)
  ///
  /// After: `y = BatchNormalization<epsilon>(x, gamma, beta, mean, var)`
  ///
  /// The root may be a Pow to one half, the division a multiplication by Reciprocal(d), Div(1, d) or
  /// Pow to minus one half. Where the root is there, gamma and beta may be missing. Where the file
  /// has the deviation d itself, var = d * d and epsilon = 0, and both must be there: a difference
  /// and a quotient alone may as well prepare an image.
  ///
  /// - Parameter isWanted: whether the normalisation that ends in a node of this name is wanted.
  public static func recomposeBatchNorm(
    where isWanted: @escaping @Sendable (String) -> Bool = { _ in true }
  ) -> RewriteRule {
    let form = DecomposedNorm()
    return RewriteRule(
      "recompose-batch-norm",
      "a normalisation in elementwise operators becomes one BatchNormalization",
      fidelity: .rounding, pattern: form.pattern,
      conditions: [
        .opset(7...),
        Condition("the plan wants a BatchNormalization here") { match, context in
          isWanted(context.model.label(of: match.subject))
        },
      ]
    ) { match, context, patch in
      let norm = try form.read(match, context)
      func constant(_ numbers: [Double], _ name: String) -> Value.ID {
        patch.constant(
          Tensor(rounding: numbers, to: norm.elementType, shape: [numbers.count]), name: name)
      }
      return patch.op(
        "BatchNormalization",
        [
          match[form.x], constant(norm.gamma, "gamma"), constant(norm.beta, "beta"),
          constant(norm.mean, "mean"), constant(norm.variance, "var"),
        ], [.float("epsilon", Float(norm.epsilon))], type: context.type(match.output))
    }
  }
}
