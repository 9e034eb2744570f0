internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonShapes

extension SampleIndependence {
  /// True for a value that has the rows of all samples along its first axis, and nothing else that
  /// depends on their number.
  func isStacked(_ value: Value.ID) -> Bool {
    guard let dimensions = types.shape(value)?.dimensions, dimensions.count >= 2 else {
      return false
    }
    return dimensions[0] == Self.anyRows && dimensions.dropFirst().allSatisfy { $0.value != nil }
  }

  /// True for a node whose results are known but for the number of rows: a part of the arithmetic
  /// on shapes that exporters leave in the graph.
  func isShapeArithmetic(_ node: Node.ID) -> Bool {
    model[node].outputs.allSatisfy { output in
      guard let output else { return true }
      return types.contents(of: output).map { !$0.elements.contains(.unknown) } ?? false
    }
  }

  /// True for an operand that is the same for any number of samples.
  private func isFixed(_ value: Value.ID) -> Bool {
    if let producer = model[value].producer?.node, !isConstant(producer) {
      return types.contents(of: value)?.reals != nil
    }
    // A default that samples may overrule is none.
    let hasNumbers = model[value].hasInitializer
    return model[value].producer != nil || hasNumbers && !given.contains(value)
  }

  func isIndependent(_ id: Node.ID) throws(SurgeonError) -> Bool {
    let node = model[id]
    guard node.domain.isEmpty || node.domain == "ai.onnx", node.bodies.isEmpty,
      model.function(calledBy: id) == nil
    else { return false }
    let inputs = node.inputs.compactMap(\.self)
    let isRowWise = (inputs.first.map(isStacked) ?? false) && inputs.dropFirst().allSatisfy(isFixed)
    switch node.opType {
    case "BatchNormalization":
      guard isRowWise else { return false }
      return try BatchNormalization(id, in: model)?.isTraining == false
    case "Conv", "ConvTranspose", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool",
      "LRN", "InstanceNormalization", "GroupNormalization", "Upsample", "DepthToSpace",
      "SpaceToDepth":
      return isRowWise
    // The places of the maxima count from the beginning of the batch.
    case "MaxPool": return isRowWise && !isUsed(node, 1)
    case "Pad", "Resize", "Expand": return isRowWise && keepsRank(node)
    case "Dropout": return isRowWise && inputs.count == 1 && !isUsed(node, 1)
    case "Gemm": return isRowWise && (node.int("transA") ?? 0) == 0
    case "MatMul": return isRowWise && (types.rank(inputs[1]) ?? 3) <= 2
    case "Flatten": return isRowWise && (node.int("axis") ?? 1) == 1
    case "Transpose": return isRowWise && node.ints("perm")?.first == 0
    case "Concat": return inputs.allSatisfy(isStacked) && isAlongRows(node) == false
    case "Split", "Softmax", "LogSoftmax": return isRowWise && isAlongRows(node) == false
    // That the result has the rows of all samples is all that it takes.
    case "Reshape": return inputs.first.map(isStacked) ?? false
    case "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "PRelu", "Pow": return isBroadcast(inputs)
    case "Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Selu",
      "Celu", "Softplus", "Softsign", "Mish", "Gelu", "Swish", "Erf", "Exp", "Log", "Sqrt", "Abs",
      "Neg", "Reciprocal", "Identity", "ThresholdedRelu", "Cast":
      return isRowWise
    case "Slice", "Squeeze", "Unsqueeze", "ReduceMean", "ReduceMax", "ReduceSum":
      guard isRowWise else { return false }
      return try leavesFirstAxis(node)
    default: return false
    }
  }

  private func isUsed(_ node: Node, _ slot: Int) -> Bool {
    node.output(slot).map { !model[$0].uses.isEmpty } ?? false
  }

  private func keepsRank(_ node: Node) -> Bool {
    guard let x = node.input(0), let y = node.output(0) else { return false }
    return types.rank(x) == types.rank(y)
  }

  /// Whether the node's axis is the first one; nil where its default depends on the version.
  private func isAlongRows(_ node: Node) -> Bool? {
    guard let axis = node.int("axis"), let input = node.input(0), let rank = types.rank(input)
    else { return node.opType == "Split" ? nil : false }
    return axis == 0 || axis == -rank
  }

  /// True where the axes that the node works on are given and the first is none of them.
  private func leavesFirstAxis(_ node: Node) throws(SurgeonError) -> Bool {
    let slot = node.opType == "Slice" ? 3 : 1
    var axes = node.ints("axes")
    if axes == nil, let given = node.input(slot) { axes = try model.constant(given)?.intElements() }
    guard let axes, !axes.isEmpty, let x = node.input(0), let y = node.output(0),
      let rank = types.rank(node.opType == "Unsqueeze" ? y : x)
    else { return false }
    return axes.allSatisfy { $0 != 0 && $0 != -rank }
  }

  /// True where operands either have the samples' rows or are the same for each row.
  private func isBroadcast(_ inputs: [Value.ID]) -> Bool {
    guard let rank = inputs.filter(isStacked).compactMap({ types.rank($0) }).max() else {
      return false
    }
    return inputs.allSatisfy { input in
      if isStacked(input) { return types.rank(input) == rank }
      guard isFixed(input),
        let shape = model[input].initializer?.shape ?? types.shape(input)?.sizes
      else { return false }
      return shape.count < rank || shape.first == 1
    }
  }
}
