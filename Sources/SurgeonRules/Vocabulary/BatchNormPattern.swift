public import SurgeonIR
public import SurgeonRewrite

/// What rules about BatchNormalization have in common: the names in the pattern, the conditions
/// under which statistics are frozen numbers, and the reading of both.
public struct BatchNormPattern: Sendable {
  public let x = Capture<Value.ID>("x")
  public let gamma = Capture<Value.ID>("gamma")
  public let beta = Capture<Value.ID>("beta")
  public let mean = Capture<Value.ID>("mean")
  public let variance = Capture<Value.ID>("var")
  public let node = Capture<Node.ID>("bn")

  public init() {}

  /// BatchNormalization(x, gamma, beta, mean, var).
  public var pattern: Pattern { pattern(of: x) }

  /// BatchNormalization of whatever `input` matches.
  public func pattern(of input: any PatternElement) -> Pattern {
    Op.BatchNormalization(input, gamma, beta, mean, variance).as(node)
  }

  /// The node as its operator-set version means it.
  ///
  /// - Throws: a `Decline` where an attribute or an input is not there.
  public func read(_ match: Match, _ context: RewriteContext) throws -> BatchNormalization {
    try declining(match[node]) { () throws(SurgeonError) in
      guard let norm = try BatchNormalization(match[node], in: context.model) else {
        throw SurgeonError(.broken, "the node is no BatchNormalization")
      }
      return norm
    }
  }

  /// The node's constants.
  ///
  /// - Parameter allowsUnit: takes 1 and 0 for a gamma and a beta that are no constants.
  public func parameters(
    _ match: Match, _ context: RewriteContext, allowsUnit: Bool = false
  ) throws -> BatchNormalizationParameters {
    let norm = try read(match, context)
    var parameters = try declining(norm.node) { () throws(SurgeonError) in
      try BatchNormalizationParameters(
        of: norm, in: context.model, trustsDefaults: context.policy.trustsDefaults,
        allowsUnit: allowsUnit)
    }
    if parameters.isUnit, let type = context.elementType(norm.gamma) {
      parameters.parameterType = type
    }
    return parameters
  }

  /// X's type, as far as it is known. Before opset 14 all inputs share one element type, at 14 X
  /// shares that of gamma.
  public func inputType(
    _ match: Match, _ context: RewriteContext, _ parameters: BatchNormalizationParameters
  ) throws -> (type: ValueType, elementType: ElementType) {
    let norm = try read(match, context)
    let type = context.type(norm.input)
    guard
      let elementType = context.elementType(norm.input)
        ?? (norm.opset <= 14 ? parameters.parameterType : nil)
    else {
      throw Decline(
        "the element type of '\(context.model[norm.input].name)' is not known", value: norm.input,
        remedy: "record the type of the value in the model")
    }
    guard [.float16, .bfloat16, .float32, .float64].contains(elementType) else {
      throw Decline("X is of type \(elementType.name)", value: norm.input)
    }
    if let dimension = type?.shape?.dimensions, dimension.count > 1, norm.isPerChannel,
      let channels = dimension[1].value, channels != parameters.channelCount
    {
      throw Decline(
        "X has \(channels) channels where the parameters have \(parameters.channelCount)",
        node: norm.node)
    }
    return (.tensor(elementType, type?.shape), elementType)
  }

  // MARK: Conditions

  /// Running statistics are what the node normalises with.
  public var isInference: Condition {
    Condition(
      "the BatchNormalization is in inference mode", about: node.name,
      remedy: "freeze it first (--to batchnorm): the function changes then"
    ) { match, context in
      if case .training(let evidence) = try read(match, context).mode {
        throw Decline(
          "it is in training mode: \(evidence). It normalises with the statistics of the batch; "
            + "with the running statistics the function would change",
          node: match[node],
          remedy: "freeze it first (--to batchnorm), which says so and changes the function")
      }
      return true
    }
  }

  /// gamma, beta, mean and var are numbers that fit each other.
  public var hasConstantParameters: Condition {
    Condition("gamma, beta, mean and var are constants", about: node.name) { match, context in
      _ = try parameters(match, context)
      return true
    }
  }

  /// mean and var are numbers that fit each other; gamma and beta may be values of the graph.
  public var hasConstantStatistics: Condition {
    Condition("mean and var are constants", about: node.name) { match, context in
      _ = try parameters(match, context, allowsUnit: true)
      return true
    }
  }

  /// The per-channel constants can be given a shape.
  public var hasKnownRank: Condition {
    Condition("the rank of X is known", about: x.name) { match, context in
      let norm = try read(match, context)
      let parameters = try parameters(match, context, allowsUnit: true)
      let spelling = OperatorSpelling(opset: norm.opset)
      guard spelling.needsRank(parameters.shape), context.rank(norm.input) == nil else {
        return true
      }
      throw Decline(
        "the rank of '\(context.model[norm.input].name)' is not recorded and cannot be inferred",
        value: norm.input, remedy: "record the shapes of the model's inputs")
    }
  }

  /// X is [N, C, D1, ...], with one gamma for each channel.
  public var hasChannelAxis: Condition {
    Condition("X has rank 2 or more, and parameters per channel", about: x.name) {
      match, context in
      guard try read(match, context).isPerChannel else {
        throw Decline("the parameters are given for each position", node: match[node])
      }
      guard let rank = context.rank(match[x]) else {
        throw Decline(
          "the rank of '\(context.model[match[x]].name)' is not recorded and cannot be inferred",
          value: match[x], remedy: "record the shapes of the model's inputs")
      }
      guard rank >= 2 else {
        throw Decline("X has rank \(rank): there is no channel axis", value: match[x])
      }
      return true
    }
  }

  /// What every rule asks that takes the running statistics for numbers.
  public var isFrozen: [Condition] { [isInference, hasConstantParameters] }

  /// The same for rules that read gamma and beta in the graph where they are no numbers.
  public var hasFrozenStatistics: [Condition] { [isInference, hasConstantStatistics] }
}

/// Turns what the arithmetic throws into the reason for which a rule declines.
func declining<Result>(
  _ node: Node.ID, _ body: () throws(SurgeonError) -> Result
) throws -> Result {
  do {
    return try body()
  } catch {
    throw Decline(error.reason, node: node, remedy: error.hint)
  }
}
