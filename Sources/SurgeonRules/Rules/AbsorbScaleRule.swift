internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A Mul by one number per channel after a BatchNormalization goes into gamma and beta: the first
  /// half of Caffe's Scale.
  ///
  ///     gamma' = gamma * k,  beta' = beta * k
  ///
  /// Before:
  ///
  ///     z = BatchNormalization(x, gamma, beta, mean, var)
  ///     y = Mul(z, k)
  ///
  /// After: `y = BatchNormalization(x, gamma', beta', mean, var)`
  public static func absorbScale(of selection: NodeSelection = .all) -> RewriteRule {
    absorb("Mul", name: "absorb-scale", of: selection) { gamma, beta, factor in
      (zip(gamma, factor).map { $0 * $1 }, zip(beta, factor).map { $0 * $1 })
    }
  }

  /// An Add of one number per channel after a BatchNormalization goes into beta: the second half of
  /// Caffe's Scale.
  ///
  /// Before:
  ///
  ///     z = BatchNormalization(x, gamma, beta, mean, var)
  ///     y = Add(z, t)
  ///
  /// After: `y = BatchNormalization(x, gamma, beta + t, mean, var)`
  public static func absorbShift(of selection: NodeSelection = .all) -> RewriteRule {
    absorb("Add", name: "absorb-shift", of: selection) { gamma, beta, term in
      (nil, zip(beta, term).map { $0 + $1 })
    }
  }

  private static func absorb(
    _ opType: String, name: String, of selection: NodeSelection,
    into change:
      @escaping @Sendable (_ gamma: [Double], _ beta: [Double], _ k: [Double]) -> (
        gamma: [Double]?, beta: [Double]
      )
  ) -> RewriteRule {
    let bn = BatchNormPattern()
    let tail = Capture<Value.ID>("tail")
    return .editing(
      name, "\(opType) by a number per channel goes into the BatchNormalization before it",
      fidelity: .rounding, pattern: Op.oneOf(opType)(bn.pattern.usedOnce(), tail),
      subject: bn.node,
      conditions: selection.conditions(on: bn.node) + bn.isFrozen + [
        Condition("both nodes stand in one graph", about: bn.node.name) { match, context in
          context.model[match.root].graph == context.model[match[bn.node]].graph
        },
        Condition("the other operand is one number per channel", about: tail.name) {
          match, context in
          _ = try perChannel(match[tail], bn, match, context)
          return true
        },
      ]
    ) { match, context, patch in
      let norm = try bn.read(match, context)
      let parameters = try bn.parameters(match, context)
      let numbers = try perChannel(match[tail], bn, match, context)
      let (gamma, beta) = change(parameters.gamma, parameters.beta, numbers)
      for (slot, role, values) in [(1, "gamma", gamma), (2, "beta", beta)] {
        guard let values else { continue }
        let tensor = try declining(norm.node) { () throws(SurgeonError) in
          try ChannelAffine.tensor(
            values, called: role, as: parameters.parameterType, shape: parameters.shape)
        }
        patch.setInput(slot, of: norm.node, to: patch.constant(tensor, name: role))
      }
      patch.remove(match.root)
      if let result = norm.output { patch.replace(match.output, with: result) }
    }
  }

  private static func perChannel(
    _ value: Value.ID, _ bn: BatchNormPattern, _ match: Match, _ context: RewriteContext
  ) throws -> [Double] {
    let norm = try bn.read(match, context)
    let parameters = try bn.parameters(match, context)
    guard norm.isPerChannel, norm.opset >= 7 else {
      throw Decline("broadcasting before opset 7 is left alone", node: match.root)
    }
    guard let tensor = try context.constant(value), let numbers = try tensor.float64Elements()
    else {
      throw Decline("'\(context.model[value].name)' is not a constant", value: value)
    }
    guard let rank = context.rank(norm.input) else {
      throw Decline("the rank of X is not known", value: norm.input)
    }
    guard
      let result = ChannelShape.perChannel(
        numbers, shape: tensor.shape, rank: rank, channels: parameters.channelCount)
    else {
      throw Decline(
        "'\(context.model[value].name)' of shape \(tensor.shape) is not one number per channel",
        value: value)
    }
    return result
  }
}
