public import SurgeonIR

/// How a group normalisation is written.
public struct GroupOptions: Sendable, Hashable {
  public enum Operators: String, Sendable, CaseIterable {
    /// The standard's own operator where the opset has the right one, else a Reshape around
    /// InstanceNormalization.
    case native
    /// Reshape, ReduceMean, Sub, Mul, Add, Sqrt, Div: operators that training engines
    /// differentiate.
    case primitive
  }

  public var groups: Int
  public var epsilon: Double
  public var operators: Operators

  public init(groups: Int, epsilon: Double, operators: Operators = .native) {
    self.groups = groups
    self.epsilon = epsilon
    self.operators = operators
  }
}

extension OperatorSpelling {
  /// Y = scale * (X - mu_g) / sqrt(var_g + epsilon) + bias, with statistics of each sample's group.
  ///
  /// - Parameters:
  ///   - x: X in its own type.
  ///   - affine: scale and bias.
  /// - Throws: `impossible` where a number does not fit the element type.
  public func groupNormalization(
    _ x: NormalizedInput, affine: GraphAffine, options: GroupOptions,
    into patch: inout Patch
  ) throws(SurgeonError) -> Value.ID {
    let isHalf = x.elementType.statisticsType != x.elementType
    if options.operators == .native {
      if opset >= 21 {
        return try nativeGroup(x, affine: affine, options: options, into: &patch)
      }
      if options.groups == affine.numbers.slope.count, x.rank > 2, !isHalf {
        return try nativeInstance(x, affine: affine, options: options, into: &patch)
      }
      if options.groups == 1, x.rank == 2, opset >= 17 {
        return try nativeLayer(x, affine: affine, options: options, into: &patch)
      }
    }
    var wide = x
    wide.elementType = x.elementType.statisticsType
    wide.value = cast(
      x.value, from: x.elementType, to: wide.elementType, shape: x.shape, name: "widened",
      into: &patch)
    let normalized =
      options.operators == .native
      ? decomposed(wide, options: options, into: &patch)
      : primitive(wide, options: options, into: &patch)
    let (gain, shift) = try affine.values(
      as: wide.elementType, shape: wide.broadcastShape, names: ("scale", "bias"), spelling: self,
      into: &patch)
    let scaled = channelwise(
      "Mul", normalized, gain, name: "scaled", type: wide.type, into: &patch)
    let shifted = channelwise("Add", scaled, shift, name: "shifted", type: wide.type, into: &patch)
    return cast(
      shifted, from: wide.elementType, to: x.elementType, shape: x.shape, name: "narrowed",
      into: &patch)
  }

  /// scale and bias, one number per channel.
  private func parameters(
    of affine: GraphAffine, _ x: NormalizedInput, into patch: inout Patch
  ) throws(SurgeonError) -> (gain: Value.ID, shift: Value.ID) {
    try affine.values(
      as: x.elementType, shape: affine.numbers.shape, names: ("scale", "bias"), spelling: self,
      into: &patch)
  }

  private func nativeGroup(
    _ x: NormalizedInput, affine: GraphAffine, options: GroupOptions,
    into patch: inout Patch
  ) throws(SurgeonError) -> Value.ID {
    let (gain, shift) = try parameters(of: affine, x, into: &patch)
    var attributes: [Attribute] = [
      .int("num_groups", options.groups), .float("epsilon", Float(options.epsilon)),
    ]
    // The default precision of the statistics is Float32, whatever X is.
    if x.elementType == .float64 {
      attributes.append(.int("stash_type", Int(ElementType.float64.rawValue)))
    }
    return patch.op(
      "GroupNormalization", [x.value, gain, shift], attributes, name: "group_norm", type: x.type)
  }

  private func nativeInstance(
    _ x: NormalizedInput, affine: GraphAffine, options: GroupOptions,
    into patch: inout Patch
  ) throws(SurgeonError) -> Value.ID {
    let (gain, shift) = try parameters(of: affine, x, into: &patch)
    return patch.op(
      "InstanceNormalization", [x.value, gain, shift], [.float("epsilon", Float(options.epsilon))],
      name: "instance_norm", type: x.type)
  }

  private func nativeLayer(
    _ x: NormalizedInput, affine: GraphAffine, options: GroupOptions,
    into patch: inout Patch
  ) throws(SurgeonError) -> Value.ID {
    let (gain, shift) = try parameters(of: affine, x, into: &patch)
    var attributes: [Attribute] = [
      .int("axis", 1), .float("epsilon", Float(options.epsilon)),
    ]
    if x.elementType == .float64 {
      attributes.append(.int("stash_type", Int(ElementType.float64.rawValue)))
    }
    return patch.op(
      "LayerNormalization", [x.value, gain, shift], attributes, name: "layer_norm", type: x.type)
  }

  /// Reshape [0, G, -1], InstanceNormalization with ones and zeros, Reshape back.
  private func decomposed(
    _ x: NormalizedInput, options: GroupOptions, into patch: inout Patch
  ) -> Value.ID {
    let groups = options.groups
    let grouped = reshape(
      x.value, to: [0, groups, -1], name: "grouped", type: groupedType(x, groups: groups),
      into: &patch)
    let ones = patch.constant(
      Tensor(
        rounding: Array(repeating: 1, count: groups), to: x.elementType, shape: [groups]),
      name: "ones")
    let zeros = patch.constant(
      Tensor(
        rounding: Array(repeating: 0, count: groups), to: x.elementType, shape: [groups]),
      name: "zeros")
    let normalized = patch.op(
      "InstanceNormalization", [grouped, ones, zeros],
      [.float("epsilon", Float(options.epsilon))], name: "instance_norm",
      type: groupedType(x, groups: groups))
    return ungrouped(normalized, x: x, into: &patch)
  }

  /// The same in operators that every training engine differentiates.
  private func primitive(
    _ x: NormalizedInput, options: GroupOptions, into patch: inout Patch
  ) -> Value.ID {
    let groups = options.groups
    let type = groupedType(x, groups: groups)
    let reduced = ValueType.tensor(
      x.elementType, Shape([x.shape.dimensions[0], .known(groups), .known(1)]))
    let grouped = reshape(
      x.value, to: [0, groups, -1], name: "grouped", type: type, into: &patch)
    let mean = reduceMean(
      grouped, axes: [2], keepsAxes: true, name: "group_mean", type: reduced, into: &patch)
    let centered = patch.op("Sub", [grouped, mean], name: "centered", type: type)
    let squares = patch.op("Mul", [centered, centered], name: "squares", type: type)
    let variance = reduceMean(
      squares, axes: [2], keepsAxes: true, name: "group_var", type: reduced, into: &patch)
    let guardTerm = scalar(options.epsilon, of: x, name: "epsilon", into: &patch)
    let guarded = patch.op("Add", [variance, guardTerm], name: "guarded_var", type: reduced)
    let deviation = patch.op("Sqrt", [guarded], name: "deviation", type: reduced)
    let normalized = patch.op("Div", [centered, deviation], name: "normalized", type: type)
    return ungrouped(normalized, x: x, into: &patch)
  }

  private func groupedType(_ x: NormalizedInput, groups: Int) -> ValueType {
    let positions = x.shape.dimensions.dropFirst(2).map(\.value)
    let sizes = positions.compactMap { $0 }
    var last = Dimension.unknown
    if let channels = x.channels, sizes.count == positions.count {
      last = .known(sizes.reduce(channels / groups, *))
    }
    return .tensor(x.elementType, Shape([x.shape.dimensions[0], .known(groups), last]))
  }

  /// Back to X's shape: [0, C, D1, ...] where at most one Di is open, else whatever Shape says.
  private func ungrouped(
    _ value: Value.ID, x: NormalizedInput, into patch: inout Patch
  ) -> Value.ID {
    let positions = x.shape.dimensions.dropFirst(2).map(\.value)
    if let channels = x.channels, positions.count(where: { $0 == nil }) <= 1 {
      return reshape(
        value, to: [0, channels] + positions.map { $0 ?? -1 }, name: "ungrouped", type: x.type,
        into: &patch)
    }
    let shape = patch.op(
      "Shape", [x.value], name: "input_shape", type: .tensor(.int64, Shape([x.rank])))
    return patch.op("Reshape", [value, shape], name: "ungrouped", type: x.type)
  }
}
