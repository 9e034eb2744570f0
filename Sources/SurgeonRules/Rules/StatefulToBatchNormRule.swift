public import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// The way back: a normalisation whose statistics keep running becomes a BatchNormalization with
  /// the statistics that its state holds.
  ///
  /// Before: what `welford` and `running` write, with state inputs and `.next` outputs
  ///
  /// After: `y = BatchNormalization(x, gamma, beta, mean, var)`
  ///
  /// The state inputs and outputs leave the model's interface, and what computed only them goes.
  ///
  /// - Parameters:
  ///   - isWanted: whether the normalisation of this name is to be turned back.
  ///   - state: final values by the name of the state input, or of the output that follows it. What
  ///     is missing is the default inside the model.
  public static func statefulToBatchNorm(
    isWanted: @escaping @Sendable (String) -> Bool = { _ in true },
    state values: [String: Tensor] = [:]
  ) -> RewriteRule {
    let x = Capture<Value.ID>("x")
    let gamma = Capture<Value.ID>("gamma")
    let beta = Capture<Value.ID>("beta")
    let mean = Capture<Value.ID>("mean")
    let variance = Capture<Value.ID>("var")
    let epsilon = Capture<Tensor>("epsilon")
    func spread(_ element: any PatternElement) -> Pattern {
      Op.either(Op.Reshape(element, Op.anything), element)
    }
    return .editing(
      "stateful-to-batchnorm", "Statistics that kept running become those of a BatchNormalization",
      fidelity: .stateful,
      pattern: Op.Add(
        Op.Mul(
          Op.Sub(x, spread(mean)),
          spread(Op.Div(gamma, Op.Sqrt(Op.Add(variance, epsilon).ordered)))
        ).ordered, spread(beta)
      ).ordered,
      conditions: [
        Condition("mean and variance are a state that the caller feeds back", about: mean.name) {
          match, context in
          guard let state = RunningState(mean: match[mean], variance: match[variance], context)
          else { return false }
          return isWanted(state.name)
        }
      ]
    ) { match, context, patch in
      guard let state = RunningState(mean: match[mean], variance: match[variance], context) else {
        throw Decline("the state cannot be read", node: match.root)
      }
      let result = try state.batchNormalization(
        of: match[x], gamma: match[gamma], beta: match[beta],
        epsilon: try match[epsilon].float64Elements()?.first ?? 1e-5, values, at: match.root,
        context, into: &patch)
      patch.remove(match.root)
      patch.replace(match.output, with: result)
      state.leaveInterface(of: context.model, into: &patch)
    }
  }

  /// The way back from calls of a function that computes Welford's recurrence.
  ///
  /// Before: `y, next_mean, next_m2 = surgeon.WelfordNorm(x, gamma, beta, mean, m2)`
  ///
  /// After: `y = BatchNormalization(x, gamma, beta, mean, var)`
  ///
  /// - Parameters:
  ///   - functions: the functions of the model (see `WelfordFunction`).
  ///   - isWanted, values: as for `statefulToBatchNorm`.
  public static func callToBatchNorm(
    of functions: [String] = [WelfordFunction.name],
    isWanted: @escaping @Sendable (String) -> Bool = { _ in true },
    state values: [String: Tensor] = [:]
  ) -> RewriteRule {
    let domain = Op.domain(WelfordFunction.domain)
    let inputs = Capture<[Value.ID]>("inputs")
    return .editing(
      "call-to-batchnorm", "A call of a running normalisation becomes a BatchNormalization",
      fidelity: .stateful,
      pattern: domain.oneOf(functions)(inputs).withAnyOutputs,
      conditions: [
        Condition("its mean and M2 are a state that the caller feeds back") { match, context in
          guard let state = RunningState(call: match.root, context) else { return false }
          return isWanted(state.name)
        }
      ]
    ) { match, context, patch in
      let node = context.model[match.root]
      guard let state = RunningState(call: match.root, context), let x = node.input(0),
        let gamma = node.input(1), let beta = node.input(2)
      else { throw Decline("the state cannot be read", node: match.root) }
      let result = try state.batchNormalization(
        of: x, gamma: gamma, beta: beta, epsilon: node.number("epsilon") ?? 1e-5, values,
        at: match.root, context, into: &patch)
      // What follows the state is computed for the model's outputs only, and goes with them.
      patch.setOutputs(of: match.root, to: [nil] + node.outputs.dropFirst())
      patch.replace(match.output, with: result)
      state.leaveInterface(of: context.model, into: &patch)
    }
  }
}

extension Node {
  /// An attribute that is a number, or a tensor of one.
  func number(_ name: String) -> Double? {
    switch attribute(name)?.payload {
    case .float(let number)?: Double(number)
    case .tensor(let tensor)?: (try? tensor.float64Elements())??.first
    default: nil
    }
  }
}
