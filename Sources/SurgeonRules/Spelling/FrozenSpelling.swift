public import SurgeonIR

/// How a normalisation with frozen statistics is written in elementwise operators.
extension OperatorSpelling {
  /// Mul(X, a), Add(., b).
  ///
  /// - Parameters:
  ///   - type: X's type, which every result has.
  ///   - elementType: that of X, to which a and b are rounded.
  /// - Throws: `impossible` where the rank of X is needed and unknown, or where a number does not
  ///   fit the element type.
  public func affine(
    _ affine: GraphAffine, of x: Value.ID, type: ValueType?, elementType: ElementType,
    into patch: inout Patch
  ) throws(SurgeonError) -> Value.ID {
    let (a, b) = try affine.values(
      as: elementType, shape: try shapeOrReason(affine.numbers.shape, type: type),
      names: ("slope", "intercept"), spelling: self, into: &patch)
    let scaled = channelwise("Mul", x, a, name: "scaled", type: type, into: &patch)
    return channelwise("Add", scaled, b, name: "shifted", type: type, into: &patch)
  }

  /// Add(X, b), with one number per channel.
  ///
  /// - Throws: as `affine`.
  public func shift(
    _ x: Value.ID, by numbers: [Double], shape: [Int], type: ValueType?, elementType: ElementType,
    into patch: inout Patch
  ) throws(SurgeonError) -> Value.ID {
    let tensor = try ChannelAffine.tensor(
      numbers, called: "remainder", as: elementType, shape: try shapeOrReason(shape, type: type))
    let remainder = patch.constant(tensor, name: "remainder")
    return channelwise("Add", x, remainder, name: "shifted", type: type, into: &patch)
  }

  /// Sub(X, mean), Mul(., 1/sigma), Mul(., gamma), Add(., beta).
  ///
  /// gamma and beta are read under their own names and in their own shapes, so that a trainer finds
  /// them; a Reshape puts them across the channels.
  public func split(
    _ norm: BatchNormalization, parameters: BatchNormalizationParameters, type: ValueType?,
    elementType: ElementType, into patch: inout Patch
  ) throws(SurgeonError) -> Value.ID {
    let shape = try shapeOrReason(parameters.shape, type: type)
    let meanTensor = try ChannelAffine.tensor(
      parameters.mean, called: "mean", as: elementType, shape: shape)
    let inverseTensor = try ChannelAffine.tensor(
      parameters.deviation.map { 1 / $0 }, called: "inverse deviation", as: elementType,
      shape: shape)
    let mean = patch.constant(meanTensor, name: "mean")
    let inverse = patch.constant(inverseTensor, name: "inverse_deviation")
    let gamma = parameter(
      norm.gamma, parameters: parameters, elementType: elementType, shape: shape, name: "gamma",
      into: &patch)
    let beta = parameter(
      norm.beta, parameters: parameters, elementType: elementType, shape: shape, name: "beta",
      into: &patch)
    let centered = channelwise("Sub", norm.input, mean, name: "centered", type: type, into: &patch)
    let normalized = channelwise(
      "Mul", centered, inverse, name: "normalized", type: type, into: &patch)
    let scaled = channelwise("Mul", normalized, gamma, name: "scaled", type: type, into: &patch)
    return channelwise("Add", scaled, beta, name: "shifted", type: type, into: &patch)
  }

  /// A parameter as it stands in the graph, brought to the element type and shape of X.
  func parameter(
    _ value: Value.ID, parameters: BatchNormalizationParameters, elementType: ElementType,
    shape: [Int], name: String, into patch: inout Patch
  ) -> Value.ID {
    let typed = cast(
      value, from: parameters.parameterType, to: elementType, shape: Shape(parameters.shape),
      name: "\(name)_cast", into: &patch)
    guard shape != parameters.shape else { return typed }
    return reshape(
      typed, to: shape, name: name, type: .tensor(elementType, Shape(shape)), into: &patch)
  }

  private func shapeOrReason(
    _ shape: [Int], type: ValueType?
  ) throws(SurgeonError) -> [Int] {
    guard let result = channelShape(shape, rank: type?.rank) else {
      throw SurgeonError(
        .impossible, "the rank of the input is not known",
        detail: "the per-channel constants take their shape from it",
        hint: "record the shape of the value in the model, or give the inputs' shapes with --dim")
    }
    return result
  }
}
