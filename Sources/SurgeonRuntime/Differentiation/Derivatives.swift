internal import SurgeonIR

/// What each operator's derivative is.
///
/// A derivative takes the gradient by the node's first output and writes the gradients by its
/// inputs, in their order, nil for one that needs none (a shape, say). Each has its input's shape.
/// Adding an operator is a line here.
enum Derivatives {
  typealias Rule = @Sendable (inout ChainRule) throws(SurgeonError) -> [Value.ID?]

  static let table: [String: [String: Rule]] = [
    "": [
      "Abs": abs,
      "Add": add,
      "Concat": concat,
      "Conv": conv,
      "Cos": cos,
      "Div": div,
      "Dropout": dropout,
      "Erf": erf,
      "Exp": exp,
      "Expand": expand,
      "Flatten": reshape,
      "Gemm": gemm,
      "GlobalAveragePool": globalAveragePool,
      "Identity": handOn,
      "Log": log,
      "LogSoftmax": logSoftmax,
      "MatMul": matMul,
      "Mul": mul,
      "Neg": neg,
      "Pow": pow,
      "Reciprocal": reciprocal,
      "ReduceMean": reduce,
      "ReduceSum": reduce,
      "Relu": relu,
      "Reshape": reshape,
      "Sigmoid": sigmoid,
      "Sin": sin,
      "Softmax": softmax,
      "Softplus": softplus,
      "Sqrt": sqrt,
      "Squeeze": reshape,
      "Sub": sub,
      "Sum": sum,
      "Tanh": tanh,
      "Transpose": transpose,
      "Unsqueeze": reshape,
    ],
    // So that gradients of gradients can be had.
    GradientOperators.domain: [
      GradientOperators.broadcastLike: expand,
      GradientOperators.convInput: convInput,
      GradientOperators.convWeights: convWeights,
      GradientOperators.fillLike: { _ in [nil] },
      GradientOperators.leftFactor: leftFactor,
      GradientOperators.reshapeLike: reshape,
      GradientOperators.rightFactor: rightFactor,
      GradientOperators.sumAxis: broadcast,
      GradientOperators.sumLike: broadcast,
    ],
  ]

  // MARK: One input

  @Sendable static func handOn(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    [try rule.gradient()]
  }

  /// Outside training it hands on; in training the mask that was drawn would be needed.
  @Sendable static func dropout(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    guard rule.node.inputs.count < 3 else {
      throw SurgeonError(
        .unsupportedOperator, "the runtime knows no derivative of training Dropout")
    }
    return try handOn(&rule)
  }

  @Sendable static func neg(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    [rule.add("Neg", try rule.gradient())]
  }

  @Sendable static func abs(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let sign = rule.add("Sign", try rule.input(0))
    return [rule.add("Mul", try rule.gradient(), sign)]
  }

  @Sendable static func exp(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    [rule.add("Mul", try rule.gradient(), try rule.output())]
  }

  @Sendable static func log(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    [rule.add("Div", try rule.gradient(), try rule.input(0))]
  }

  @Sendable static func sqrt(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let y = try rule.output()
    let twice = rule.add("Add", y, y)
    return [rule.add("Div", try rule.gradient(), twice)]
  }

  @Sendable static func reciprocal(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let y = try rule.output()
    let square = rule.add("Mul", y, y)
    let slope = rule.add("Neg", square)
    return [rule.add("Mul", try rule.gradient(), slope)]
  }

  @Sendable static func sin(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let slope = rule.add("Cos", try rule.input(0))
    return [rule.add("Mul", try rule.gradient(), slope)]
  }

  @Sendable static func cos(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let sine = rule.add("Sin", try rule.input(0))
    let slope = rule.add("Neg", sine)
    return [rule.add("Mul", try rule.gradient(), slope)]
  }

  /// 2/sqrt(pi) exp(-x^2).
  @Sendable static func erf(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let x = try rule.input(0)
    let square = rule.add("Mul", x, x)
    let exponent = rule.add("Neg", square)
    let bell = rule.add("Exp", exponent)
    let factor = rule.fill(1.128_379_2, like: x)
    let slope = rule.add("Mul", bell, factor)
    return [rule.add("Mul", try rule.gradient(), slope)]
  }

  /// 0 at 0, as every framework has it.
  @Sendable static func relu(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let step = rule.add("Sign", try rule.output())
    return [rule.add("Mul", try rule.gradient(), step)]
  }

  /// y (1 - y).
  @Sendable static func sigmoid(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let y = try rule.output()
    let square = rule.add("Mul", y, y)
    let slope = rule.add("Sub", y, square)
    return [rule.add("Mul", try rule.gradient(), slope)]
  }

  @Sendable static func softplus(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let slope = rule.add("Sigmoid", try rule.input(0))
    return [rule.add("Mul", try rule.gradient(), slope)]
  }

  /// 1 - y^2.
  @Sendable static func tanh(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (y, gradient) = (try rule.output(), try rule.gradient())
    let square = rule.add("Mul", y, y)
    let lost = rule.add("Mul", gradient, square)
    return [rule.add("Sub", gradient, lost)]
  }

  // MARK: Several inputs, broadcast

  @Sendable static func add(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let gradient = try rule.gradient()
    return [
      rule.unbroadcast(gradient, to: try rule.input(0)),
      rule.unbroadcast(gradient, to: try rule.input(1)),
    ]
  }

  @Sendable static func sum(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let gradient = try rule.gradient()
    var terms: [Value.ID?] = []
    for slot in rule.node.inputs.indices {
      terms.append(rule.unbroadcast(gradient, to: try rule.input(slot)))
    }
    return terms
  }

  @Sendable static func sub(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let gradient = try rule.gradient()
    let negative = rule.add("Neg", gradient)
    return [
      rule.unbroadcast(gradient, to: try rule.input(0)),
      rule.unbroadcast(negative, to: try rule.input(1)),
    ]
  }

  @Sendable static func mul(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (a, b, gradient) = (try rule.input(0), try rule.input(1), try rule.gradient())
    let left = rule.add("Mul", gradient, b)
    let right = rule.add("Mul", gradient, a)
    return [rule.unbroadcast(left, to: a), rule.unbroadcast(right, to: b)]
  }

  /// 1/b and -y/b.
  @Sendable static func div(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (a, b) = (try rule.input(0), try rule.input(1))
    let left = rule.add("Div", try rule.gradient(), b)
    let product = rule.add("Mul", left, try rule.output())
    let right = rule.add("Neg", product)
    return [rule.unbroadcast(left, to: a), rule.unbroadcast(right, to: b)]
  }

  /// b a^(b-1) and y log(a).
  @Sendable static func pow(_ rule: inout ChainRule) throws(SurgeonError) -> [Value.ID?] {
    let (a, b, gradient) = (try rule.input(0), try rule.input(1), try rule.gradient())
    let one = rule.fill(1, like: b)
    let less = rule.add("Sub", b, one)
    let power = rule.add("Pow", a, less)
    let slope = rule.add("Mul", power, b)
    let left = rule.add("Mul", gradient, slope)
    let logarithm = rule.add("Log", a)
    let growth = rule.add("Mul", try rule.output(), logarithm)
    let right = rule.add("Mul", gradient, growth)
    return [rule.unbroadcast(left, to: a), rule.unbroadcast(right, to: b)]
  }
}
