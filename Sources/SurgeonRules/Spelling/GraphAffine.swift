internal import SurgeonIR

/// What each channel is multiplied by and what is added to it: numbers, or numbers that are applied
/// to gamma and beta where these are values that the graph is given or computes.
///
///     gain  = gamma * slope
///     shift = beta + gamma * intercept
public struct GraphAffine: Sendable {
  public var numbers: ChannelAffine
  private let parameters: (gamma: Value.ID, beta: Value.ID, type: ElementType)?

  /// Numbers alone.
  public init(_ numbers: ChannelAffine) {
    self.numbers = numbers
    parameters = nil
  }

  /// Numbers computed from the parameters of a BatchNormalization: with its gamma and beta in them, or
  /// with 1 and 0 in their place.
  public init(
    _ numbers: ChannelAffine, of parameters: BatchNormalizationParameters,
    _ norm: BatchNormalization
  ) {
    self.numbers = numbers
    self.parameters =
      parameters.isUnit ? (norm.gamma, norm.beta, parameters.parameterType) : nil
  }

  /// gain and shift as values of the graph.
  ///
  /// - Parameters:
  ///   - shape: that under which one number per channel meets X.
  ///   - names: what gain and shift are called.
  /// - Throws: `impossible` where a number does not fit the element type.
  func values(
    as elementType: ElementType, shape: [Int], names: (gain: String, shift: String),
    spelling: OperatorSpelling, into patch: inout Patch
  ) throws(SurgeonError) -> (gain: Value.ID, shift: Value.ID) {
    let inner = parameters == nil ? shape : numbers.shape
    let computed = parameters == nil ? elementType : elementType.statisticsType
    let slope = patch.constant(
      try ChannelAffine.tensor(numbers.slope, called: names.gain, as: computed, shape: inner),
      name: names.gain)
    let intercept = patch.constant(
      try ChannelAffine.tensor(numbers.intercept, called: names.shift, as: computed, shape: inner),
      name: names.shift)
    guard let parameters else { return (slope, intercept) }
    let open = Shape(inner)
    let type = ValueType.tensor(computed, open)
    let gamma = spelling.cast(
      parameters.gamma, from: parameters.type, to: computed, shape: open, name: "gamma_cast",
      into: &patch)
    let beta = spelling.cast(
      parameters.beta, from: parameters.type, to: computed, shape: open, name: "beta_cast",
      into: &patch)
    func laid(_ value: Value.ID, _ name: String) -> Value.ID {
      let typed = spelling.cast(
        value, from: computed, to: elementType, shape: open, name: "\(name)_narrowed", into: &patch)
      guard shape != inner else { return typed }
      return spelling.reshape(
        typed, to: shape, name: "\(name)_spread", type: .tensor(elementType, Shape(shape)),
        into: &patch)
    }
    let gain = patch.op("Mul", [gamma, slope], name: "gamma_\(names.gain)", type: type)
    let offset = patch.op("Mul", [gamma, intercept], name: "gamma_\(names.shift)", type: type)
    let shift = patch.op("Add", [beta, offset], name: "beta_\(names.shift)", type: type)
    return (laid(gain, names.gain), laid(shift, names.shift))
  }
}
