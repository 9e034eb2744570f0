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
      guard let state = RunningState(mean: match[mean], variance: match[variance], context),
        let elementType = context.model[state.mean].initializer?.elementType
      else { throw Decline("the state cannot be read", node: match.root) }
      let (means, variances) = try declining(match.root) { () throws(SurgeonError) in
        try state.statistics(values, in: context.model)
      }
      patch.namePrefix = state.name
      let newMean = patch.constant(
        Tensor(unrounded: means, as: elementType, shape: [means.count]), name: "running_mean")
      let newVariance = patch.constant(
        Tensor(unrounded: variances, as: elementType, shape: [variances.count]),
        name: "running_var")
      let guardTerm = try match[epsilon].float64Elements()?.first ?? 1e-5
      let result = patch.op(
        "BatchNormalization", [match[x], match[gamma], match[beta], newMean, newVariance],
        [.float("epsilon", Float(guardTerm))], name: "batchnorm", type: context.type(match[x]))
      patch.remove(match.root)
      patch.replace(match.output, with: result)
      for value in state.inputs {
        if let next = StatePairs.next(of: value, in: context.model) {
          patch.removeGraphOutput(next)
        }
        patch.removeGraphInput(value)
      }
    }
  }
}

/// The state behind the mean and variance that a normalisation reads.
struct RunningState {
  let mean: Value.ID
  /// M2 of Welford's recurrence, or the variance itself.
  let spread: Value.ID
  let isWelford: Bool
  /// A state, where the count is one.
  let count: Value.ID?
  /// The count, where it is a constant.
  let constantCount: Double?
  /// Further state of the same normalisation.
  let weight: Value.ID?
  /// The name of the BatchNormalization that it once was.
  let name: String

  init?(mean: Value.ID, variance: Value.ID, _ context: RewriteContext) {
    let model = context.model
    guard let meanState = StatePairs.state(of: mean, in: model),
      model[meanState].name.hasSuffix(".mean")
    else { return nil }
    self.mean = meanState
    name = String(model[meanState].name.dropLast(".mean".count))
    if let spread = StatePairs.state(of: variance, in: model) {
      self.spread = spread
      isWelford = false
      count = nil
      constantCount = nil
      weight = model.value(named: name + ".weight", in: model.mainGraph).flatMap {
        StatePairs.state(of: $0, in: model)
      }
      return
    }
    // M2 / n, which a start without a count guards with a Where.
    var value = variance
    if let producer = model[value].producer?.node, model[producer].opType == "Where",
      let known = model[producer].input(1)
    {
      value = known
    }
    guard let producer = model[value].producer?.node, model[producer].opType == "Div",
      let m2 = model[producer].input(0), let divisor = model[producer].input(1),
      let spread = StatePairs.state(of: m2, in: model)
    else { return nil }
    self.spread = spread
    isWelford = true
    count = StatePairs.state(of: divisor, in: model)
    constantCount = (try? context.constant(divisor)?.float64Elements())??.first
    weight = nil
    if count == nil, constantCount == nil { return nil }
  }

  /// Every state input of the normalisation.
  var inputs: [Value.ID] { [mean, spread] + [count, weight].compactMap { $0 } }

  /// Mean and variance as the state has them.
  ///
  /// - Throws: `invalidData` where a given value does not fit the state.
  func statistics(
    _ values: [String: Tensor], in model: borrowing Model
  ) throws(SurgeonError) -> (mean: [Double], variance: [Double]) {
    let mean = try numbers(mean, values, in: model)
    let spread = try numbers(spread, values, in: model)
    guard isWelford else { return (mean, spread) }
    var divisor = constantCount ?? 0
    if let count { divisor = try numbers(count, values, in: model).first ?? 0 }
    let moments = Moments(count: divisor, mean: mean, m2: spread)
    return (mean, moments.variance)
  }

  private func numbers(
    _ state: Value.ID, _ values: [String: Tensor], in model: borrowing Model
  ) throws(SurgeonError) -> [Double] {
    let name = model[state].name
    guard let tensor = values[name + ".next"] ?? values[name] ?? model[state].initializer,
      let numbers = try tensor.float64Elements()
    else { throw SurgeonError(.invalidData, "state '\(name)' has no numbers") }
    let expected = model[state].initializer?.count ?? numbers.count
    guard numbers.count == expected else {
      throw SurgeonError(
        .invalidData, "state '\(name)' has \(expected) numbers",
        detail: "\(numbers.count) were given")
    }
    return numbers
  }
}
