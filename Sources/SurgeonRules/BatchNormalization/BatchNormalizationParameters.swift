public import SurgeonIR

/// The constants of a BatchNormalization, in Float64.
public struct BatchNormalizationParameters: Sendable {
  public var gamma: [Double]
  public var beta: [Double]
  public var mean: [Double]
  public var variance: [Double]
  public var epsilon: Double
  /// [C]; with `spatial = 0` one number per channel and position: [C, D1, ..., Dk].
  public var shape: [Int]
  /// The element type of gamma and beta.
  public var parameterType: ElementType
  /// The element type of mean and variance.
  public var statisticsType: ElementType
  /// True where gamma and beta are no constants: they are 1 and 0 here, and what is computed of them
  /// is applied to the graph's own (see `GraphAffine`).
  public var isUnit = false

  public init(
    gamma: [Double], beta: [Double], mean: [Double], variance: [Double], epsilon: Double,
    shape: [Int]? = nil, parameterType: ElementType = .float32,
    statisticsType: ElementType = .float32
  ) {
    self.gamma = gamma
    self.beta = beta
    self.mean = mean
    self.variance = variance
    self.epsilon = epsilon
    self.shape = shape ?? [gamma.count]
    self.parameterType = parameterType
    self.statisticsType = statisticsType
  }

  /// Reads the constants of `norm`.
  ///
  /// - Parameters:
  ///   - trustsDefaults: takes initializers that a caller may override for constants.
  ///   - allowsUnit: takes 1 and 0 for a gamma and a beta of which one is no constant.
  /// - Throws: `impossible` where a parameter is no constant, or where var + epsilon is not
  ///   positive; `invalidNode` where the parameters do not fit each other.
  public init(
    of norm: BatchNormalization, in model: borrowing Model, trustsDefaults: Bool = false,
    allowsUnit: Bool = false
  ) throws(SurgeonError) {
    let mean = try model.parameter("mean", norm.mean, trustsDefaults: trustsDefaults)
    let variance = try model.parameter("var", norm.variance, trustsDefaults: trustsDefaults)
    var gamma = (numbers: mean.numbers.map { _ in 1.0 }, shape: mean.shape, type: mean.type)
    var beta = (numbers: mean.numbers.map { _ in 0.0 }, shape: mean.shape, type: mean.type)
    var isConstant = true
    for value in [norm.gamma, norm.beta] where allowsUnit && isConstant {
      isConstant = try model.constant(value, trustsDefaults: trustsDefaults) != nil
    }
    if isConstant {
      gamma = try model.parameter("gamma", norm.gamma, trustsDefaults: trustsDefaults)
      beta = try model.parameter("beta", norm.beta, trustsDefaults: trustsDefaults)
    } else if let type = model[norm.gamma].type?.elementType {
      gamma.type = type
    }
    guard gamma.shape == beta.shape, gamma.shape == mean.shape, gamma.shape == variance.shape
    else {
      throw SurgeonError(
        .invalidNode, "the parameters of a BatchNormalization have one shape",
        detail: "scale \(gamma.shape), B \(beta.shape), mean \(mean.shape), var \(variance.shape)")
    }
    guard norm.isPerChannel ? gamma.shape.count == 1 : gamma.shape.count >= 1 else {
      throw SurgeonError(
        .invalidNode, "the parameters of a BatchNormalization have one number per channel",
        detail: "their shape is \(gamma.shape)")
    }
    self.init(
      gamma: gamma.numbers, beta: beta.numbers, mean: mean.numbers, variance: variance.numbers,
      epsilon: norm.epsilon, shape: gamma.shape, parameterType: gamma.type,
      statisticsType: mean.type)
    isUnit = !isConstant
    for (channel, value) in self.variance.enumerated() where !(value + epsilon > 0) {
      throw SurgeonError(
        .impossible, "var + epsilon is not positive",
        detail: "var[\(channel)] = \(value), epsilon = \(epsilon)")
    }
  }

  /// C.
  public var channelCount: Int { shape.first ?? 1 }

  /// sqrt(var + epsilon).
  public var deviation: [Double] { variance.map { ($0 + epsilon).squareRoot() } }
}

extension Model {
  /// The numbers of a constant parameter.
  ///
  /// - Throws: `impossible`, saying why `value` is no constant or has no numbers to compute with.
  func parameter(
    _ role: String, _ value: Value.ID, trustsDefaults: Bool = false
  ) throws(SurgeonError) -> (numbers: [Double], shape: [Int], type: ElementType) {
    guard let tensor = try constant(value, trustsDefaults: trustsDefaults) else {
      throw SurgeonError(
        .impossible, "\(role) '\(self[value].name)' is not a constant",
        detail: reasonNotConstant(value), hint: remedyForNotConstant(value))
    }
    guard let numbers = try tensor.float64Elements() else {
      throw SurgeonError(
        .impossible, "\(role) '\(self[value].name)' is of type \(tensor.elementType.name)",
        detail: "only float, double, float16 and bfloat16 are computed with")
    }
    return (numbers, tensor.shape, tensor.elementType)
  }

  private func remedyForNotConstant(_ value: Value.ID) -> String? {
    let record = self[value]
    guard record.isGraphInput else { return nil }
    if record.initializer != nil {
      return "if no caller overrides it, say so with --trust-defaults"
    }
    return isInFunction(record.graph)
      ? "inline the function first (onnx.inliner): each call then has a node of its own" : nil
  }

  /// What computes or supplies a value that is no constant.
  func reasonNotConstant(_ value: Value.ID) -> String {
    let record = self[value]
    if record.isGraphInput {
      if record.initializer != nil { return "it is a default that a caller may override" }
      if isInFunction(record.graph) {
        return "it is an input of the function, which each call gives"
      }
      return record.graph == mainGraph
        ? "it is an input of the graph" : "it is an input of the body"
    }
    if record.sparseInitializer != nil { return "it is a sparse initializer" }
    guard let producer = record.producer?.node else { return "nothing defines it" }
    let opType = self[producer].opType
    if ["DequantizeLinear", "DynamicQuantizeLinear", "QuantizeLinear"].contains(opType) {
      return "it is quantised: \(opType) computes it"
    }
    return "node '\(label(of: producer))' (\(opType)) computes it"
  }
}
