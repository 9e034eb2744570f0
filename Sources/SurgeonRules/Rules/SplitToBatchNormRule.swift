internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// The way back from the split form: a BatchNormalization with gamma and beta as they are by now,
  /// trained or not.
  ///
  ///     var = 1 / inverse^2 - epsilon
  ///
  /// Before:
  ///
  ///     centered = Sub(x, mean)
  ///     normalized = Mul(centered, inverse)
  ///     scaled = Mul(normalized, Reshape(gamma, shape))
  ///     y = Add(scaled, Reshape(beta, shape))
  ///
  /// After: `y = BatchNormalization <epsilon = 1e-05> (x, gamma, beta, mean, var)`
  ///
  /// Where a deviation is smaller than sqrt(1e-5) can make it, epsilon is 0.
  public static func splitToBatchNorm(
    isWanted: @escaping @Sendable (String) -> Bool = { _ in true }
  ) -> RewriteRule {
    let x = Capture<Value.ID>("x")
    let gamma = Capture<Value.ID>("gamma")
    let beta = Capture<Value.ID>("beta")
    let mean = Capture<Tensor>("mean")
    let inverse = Capture<Tensor>("inverse")
    // Laid across X, and brought to its type where that is another.
    func spread(_ element: any PatternElement) -> Pattern {
      let typed = Op.either(Op.Cast(element), element)
      return Op.either(Op.Reshape(typed, Op.anything), typed)
    }
    /// The name of the BatchNormalization that the form once was.
    @Sendable func name(_ match: Match, _ context: RewriteContext) -> String {
      let name = context.model.label(of: match.root)
      // What the split form calls its last node.
      return name.base(before: "_shifted") ?? name
    }
    @Sendable func perChannel(
      _ tensor: Tensor, _ match: Match, _ context: RewriteContext
    ) throws -> [Double]? {
      guard let rank = context.rank(match[x]), let numbers = try tensor.float64Elements() else {
        return nil
      }
      let isAttribute = (context.opset() ?? 1) < 7
      return ChannelShape.perChannel(
        numbers,
        shape: isAttribute && tensor.shape.count == 1
          ? ChannelShape.broadcast(tensor.count, rank: rank) : tensor.shape, rank: rank,
        channels: tensor.count)
    }
    return .editing(
      "split-to-batchnorm", "The split form of frozen statistics becomes a BatchNormalization",
      fidelity: .rounding,
      pattern: Op.Add(
        Op.Mul(Op.Mul(Op.Sub(x, mean), inverse).ordered, spread(gamma)).ordered, spread(beta)
      ).ordered,
      conditions: [
        Condition("the plan turns it back") { match, context in
          isWanted(name(match, context))
        },
        Condition("mean and 1/sigma are positive numbers per channel", about: inverse.name) {
          match, context in
          guard let means = try perChannel(match[mean], match, context),
            let inverses = try perChannel(match[inverse], match, context)
          else { return false }
          return means.count == inverses.count && inverses.allSatisfy { $0 > 0 && $0.isFinite }
        },
        Condition("gamma and beta have one number per channel", about: gamma.name) {
          match, context in
          for value in [match[gamma], match[beta]]
          where context.shape(value)?.sizes != [match[mean].count] {
            // An optimiser may have laid a constant across X.
            guard let tensor = try context.constant(value),
              try perChannel(tensor, match, context)?.count == match[mean].count
            else { return false }
          }
          return true
        },
        Condition("gamma and beta are of X's type, or the operator set has mixed types") {
          match, context in
          let type = match[mean].elementType
          return (context.opset() ?? 1) >= 15
            || [match[gamma], match[beta]].allSatisfy { context.elementType($0) ?? type == type }
        },
      ]
    ) { match, context, patch in
      guard let means = try match[mean].float64Elements(),
        let inverses = try match[inverse].float64Elements()
      else { throw Decline("mean and 1/sigma have no numbers", node: match.root) }
      patch.namePrefix = name(match, context)
      let usual = Double(Float(1e-5))
      let squares = inverses.map { 1 / ($0 * $0) }
      let epsilon = squares.allSatisfy { $0 >= usual } ? usual : 0
      let elementType = match[mean].elementType
      let newMean = patch.constant(
        Tensor(unrounded: means, as: elementType, shape: [means.count]), name: "running_mean")
      let newVariance = patch.constant(
        Tensor(
          unrounded: squares.map { $0 - epsilon }, as: elementType, shape: [squares.count]),
        name: "running_var")
      func parameter(_ value: Value.ID, _ name: String) throws -> Value.ID {
        guard context.shape(value)?.sizes != [means.count],
          let tensor = try context.constant(value), let numbers = try tensor.float64Elements()
        else { return value }
        return patch.constant(
          Tensor(unrounded: numbers, as: tensor.elementType, shape: [means.count]), name: name)
      }
      let newGamma = try parameter(match[gamma], "gamma")
      let newBeta = try parameter(match[beta], "beta")
      var attributes: [Attribute] = [.float("epsilon", Float(epsilon))]
      if (context.opset() ?? 1) < 7 { attributes.append(.int("is_test", 1)) }
      let result = patch.op(
        "BatchNormalization", [match[x], newGamma, newBeta, newMean, newVariance],
        attributes, name: "batchnorm", exactName: name(match, context), type: context.type(match[x])
      )
      patch.remove(match.root)
      patch.replace(match.output, with: result)
    }
  }
}
