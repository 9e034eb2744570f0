internal import SurgeonIR
internal import SurgeonRewrite

/// A linear operator that a frozen normalisation is folded into: its constants, and how they are
/// changed. A weight is never edited in place: the operator gets a weight of its own, and another
/// reader of the old one keeps it.
struct FoldTarget {
  let node: Node.ID
  let weight: Tensor
  let numbers: [Double]
  let bias: (numbers: [Double], shape: [Int])?

  /// Reads weight and bias of `node`.
  ///
  /// - Throws: a `Decline` that names the one that is no constant, and what computes it.
  init(_ node: Node.ID, weight: Value.ID, bias: Value.ID?, _ context: RewriteContext) throws {
    self.node = node
    (self.weight, numbers) = try Self.constant("weight", weight, of: node, context)
    self.bias = try bias.map { bias in
      let (tensor, numbers) = try Self.constant("bias", bias, of: node, context)
      return (numbers, tensor.shape)
    }
  }

  private static func constant(
    _ role: String, _ value: Value.ID, of node: Node.ID, _ context: RewriteContext
  ) throws -> (Tensor, [Double]) {
    let name = context.model[value].name
    guard let tensor = try context.constant(value) else {
      throw Decline(
        "the \(role) '\(name)' is not a constant: \(context.model.reasonNotConstant(value))",
        value: value)
    }
    guard let numbers = try tensor.float64Elements() else {
      throw Decline("the \(role) '\(name)' is of type \(tensor.elementType.name)", value: value)
    }
    return (tensor, numbers)
  }

  /// Demands as many channels of the weight as the affine has numbers.
  func requireChannels(_ layout: WeightLayout?, _ affine: ChannelAffine) throws -> WeightLayout {
    guard affine.shape.count == 1 else {
      throw Decline("the BatchNormalization has parameters for each position", node: node)
    }
    guard let layout else {
      throw Decline("'group' does not divide the channels of the weight", node: node)
    }
    guard layout.channelCount == affine.slope.count else {
      throw Decline(
        "the weight has \(layout.channelCount) channels where the BatchNormalization has "
          + "\(affine.slope.count)", node: node)
    }
    return layout
  }

  /// A constant of the weight's element type.
  func constant(
    _ numbers: [Double], shape: [Int], called role: String, into patch: inout Patch
  ) throws -> Value.ID {
    let tensor = try declining(node) { () throws(SurgeonError) in
      try ChannelAffine.tensor(numbers, called: role, as: weight.elementType, shape: shape)
    }
    return patch.constant(tensor, name: role)
  }

  /// Gives the operator new constants in slots 1 and 2.
  func set(
    weights: [Double], bias: (numbers: [Double], shape: [Int])?, into patch: inout Patch
  ) throws {
    let newWeight = try constant(weights, shape: weight.shape, called: "weight", into: &patch)
    patch.setInput(1, of: node, to: newWeight)
    if let bias {
      let newBias = try constant(bias.numbers, shape: bias.shape, called: "bias", into: &patch)
      patch.setInput(2, of: node, to: newBias)
    }
  }
}

/// Conditions on the neighbour that a fold changes.
struct FoldConditions {
  let bn: BatchNormPattern
  let neighbour: Capture<Node.ID>
  let weight: Capture<Value.ID>
  let bias: Capture<Value.ID?>?

  /// Guards that the pattern does not say.
  var all: [Condition] {
    [
      Condition("both nodes stand in one graph", about: neighbour.name) { match, context in
        context.model[match[neighbour]].graph == context.model[match[bn.node]].graph
      },
      Condition("the neighbour's weight and bias are constants", about: neighbour.name) {
        match, context in
        _ = try target(match, context)
        return true
      },
    ]
  }

  func target(_ match: Match, _ context: RewriteContext) throws -> FoldTarget {
    try FoldTarget(
      match[neighbour], weight: match[weight], bias: bias.flatMap { match[$0] }, context)
  }
}
