internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// Whether nodes compute every sample of a batch as they would alone, so that several samples may
/// be run as one.
///
/// Only operators that are known to do so pass. The shapes that the file declares are no obstacle: a
/// batch of 1 is what most exporters write.
struct SampleIndependence {
  private let model: Model
  /// With the shapes of one sample.
  private let types: TypeTable
  /// Rows of one sample.
  private var rows: Int
  /// Values that have the samples' rows along their first axis.
  private var stacked: Set<Value.ID>

  /// - Parameter constants: nodes that compute the same for all samples.
  static func holds(
    for part: GraphPart, constants isConstant: (Node.ID) -> Bool, in model: Model, types: TypeTable
  ) throws(SurgeonError) -> Bool {
    guard let first = part.inputs.first, let rows = types.shape(first)?.sizes?.first else {
      return false
    }
    var state = Self(model: model, types: types, rows: rows, stacked: [])
    for input in part.inputs where !state.stack(input) { return false }
    for node in model.nodes(of: model.mainGraph)
    where part.nodes.contains(node) && !isConstant(node) {
      guard try state.isIndependent(node) else { return false }
      for case let output? in model[node].outputs where !model[output].uses.isEmpty {
        guard state.stack(output) else { return false }
      }
    }
    return true
  }

  private mutating func stack(_ value: Value.ID) -> Bool {
    guard let shape = types.shape(value)?.sizes, shape.count >= 2, shape[0] == rows else {
      return false
    }
    stacked.insert(value)
    return true
  }

  private func isIndependent(_ id: Node.ID) throws(SurgeonError) -> Bool {
    let node = model[id]
    guard node.domain.isEmpty || node.domain == "ai.onnx", node.bodies.isEmpty,
      model.function(calledBy: id) == nil
    else { return false }
    let inputs = node.inputs.compactMap(\.self)
    let isRowWise =
      inputs.first.map(stacked.contains) ?? false
      && !inputs.dropFirst().contains(where: stacked.contains)
    switch node.opType {
    case "BatchNormalization":
      guard isRowWise else { return false }
      return try BatchNormalization(id, in: model)?.isTraining == false
    case "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool",
      "GlobalMaxPool", "LRN", "InstanceNormalization", "Pad", "Upsample", "DepthToSpace",
      "SpaceToDepth":
      return isRowWise
    case "Resize": return isRowWise && inputs.count <= 3 && node.inputs.count <= 3
    case "Dropout": return isRowWise && inputs.count == 1
    case "Gemm": return isRowWise && (node.int("transA") ?? 0) == 0
    case "Flatten": return isRowWise && (node.int("axis") ?? 1) == 1
    case "Transpose": return isRowWise && node.ints("perm")?.first == 0
    case "Concat": return inputs.allSatisfy(stacked.contains) && isAlongRows(node) == false
    case "Split", "Softmax", "LogSoftmax": return isRowWise && isAlongRows(node) == false
    case "Reshape":
      guard isRowWise else { return false }
      return try keepsRows(inputs)
    case "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "PRelu": return isBroadcast(inputs)
    case "Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Selu",
      "Celu", "Softplus", "Softsign", "Mish", "Gelu", "Erf", "Exp", "Log", "Sqrt", "Abs", "Neg",
      "Reciprocal", "Identity", "ThresholdedRelu":
      return isRowWise
    default: return false
    }
  }

  /// Whether the node's axis is the first one; nil where its default depends on the version.
  private func isAlongRows(_ node: Node) -> Bool? {
    guard let axis = node.int("axis"), let input = node.inputs.first.flatMap(\.self),
      let rank = types.rank(input)
    else { return node.opType == "Split" ? nil : false }
    return axis == 0 || axis == -rank
  }

  /// True where a constant shape takes the rows over, whatever their number.
  private func keepsRows(_ inputs: [Value.ID]) throws(SurgeonError) -> Bool {
    guard inputs.count == 2, let shape = try model.constant(inputs[1])?.intElements() else {
      return false
    }
    return shape.first == 0 || (shape.first == -1 && !shape.contains(0))
  }

  /// True where operands either have the samples' rows or are the same for each row.
  private func isBroadcast(_ inputs: [Value.ID]) -> Bool {
    guard let rank = inputs.filter(stacked.contains).compactMap({ types.rank($0) }).max() else {
      return false
    }
    return inputs.allSatisfy { input in
      if stacked.contains(input) { return types.rank(input) == rank }
      guard let shape = model[input].initializer?.shape ?? types.shape(input)?.sizes else {
        return false
      }
      return shape.count < rank || shape.first == 1
    }
  }
}
