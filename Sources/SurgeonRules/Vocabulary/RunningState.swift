internal import SurgeonIR
internal import SurgeonRewrite

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

  /// The state of a call of a `WelfordFunction`.
  init?(call: Node.ID, _ context: RewriteContext) {
    let node = context.model[call]
    guard let mean = node.input(3), let spread = node.input(4),
      let meanState = StatePairs.state(of: mean, in: context.model),
      let spreadState = StatePairs.state(of: spread, in: context.model),
      let name = Self.name(of: meanState, in: context.model)
    else { return nil }
    (self.mean, self.spread, self.name) = (meanState, spreadState, name)
    isWelford = true
    weight = nil
    count = node.input(5).flatMap { StatePairs.state(of: $0, in: context.model) }
    constantCount = node.number("max_count")
    if count == nil, constantCount == nil { return nil }
  }

  init?(mean: Value.ID, variance: Value.ID, _ context: RewriteContext) {
    let model = context.model
    guard let meanState = StatePairs.state(of: mean, in: model),
      let name = Self.name(of: meanState, in: model)
    else { return nil }
    (self.mean, self.name) = (meanState, name)
    if let spread = StatePairs.state(of: variance, in: model) {
      self.spread = spread
      isWelford = false
      count = nil
      constantCount = nil
      weight = Self.weight(ofMean: meanState, in: model)
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

  /// `bn` of a state `bn.mean`.
  private static func name(of mean: Value.ID, in model: borrowing Model) -> String? {
    model[mean].name.base(before: ".mean")
  }

  /// The gathered weight, by what follows which a step of the mean is divided (see
  /// `RunningRecurrence`): its name does not tell, `bn.weight` may be taken.
  private static func weight(ofMean mean: Value.ID, in model: borrowing Model) -> Value.ID? {
    var value = StatePairs.next(of: mean, in: model)
    for opType in ["Add", "Mul", "Div"] {
      guard let result = value, let computed = model.pathThroughIdentity(from: result).last,
        let producer = model[computed].producer?.node, model[producer].opType == opType
      else { return nil }
      value = model[producer].input(1)
    }
    return value.flatMap { StatePairs.state(of: $0, in: model) }
  }

  /// A BatchNormalization with the statistics of the state.
  ///
  /// - Parameter values: final values by name; what is missing is the default inside the model.
  func batchNormalization(
    of x: Value.ID, gamma: Value.ID, beta: Value.ID, epsilon: Double, _ values: [String: Tensor],
    at node: Node.ID, _ context: RewriteContext, into patch: inout Patch
  ) throws -> Value.ID {
    guard let elementType = context.model[mean].initializer?.elementType else {
      throw Decline("the state has no default", value: mean)
    }
    let (means, variances) = try declining(node) { () throws(SurgeonError) in
      try statistics(values, in: context.model)
    }
    patch.namePrefix = name
    let mean = patch.constant(
      Tensor(unrounded: means, as: elementType, shape: [means.count]), name: "running_mean")
    let variance = patch.constant(
      Tensor(unrounded: variances, as: elementType, shape: [variances.count]),
      name: "running_var")
    return patch.op(
      "BatchNormalization", [x, gamma, beta, mean, variance], [.float("epsilon", Float(epsilon))],
      name: "batchnorm", exactName: name, type: context.type(x))
  }

  /// Takes the state off the inputs and outputs of the model.
  func leaveInterface(of model: borrowing Model, into patch: inout Patch) {
    for value in inputs {
      if let next = StatePairs.next(of: value, in: model) { patch.removeGraphOutput(next) }
      patch.removeGraphInput(value)
    }
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
    guard let tensor = StatePairs.tensor(of: name, in: values) ?? model[state].initializer,
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
