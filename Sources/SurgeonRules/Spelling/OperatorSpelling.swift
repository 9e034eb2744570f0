public import SurgeonIR

/// Writes operators into a patch in the form that an operator-set version gives them.
///
/// Broadcasting is an attribute before opset 7, a reduction's axes became an input with 18, and so
/// on: rules say what they mean, and this type says it in the file's own version.
public struct OperatorSpelling: Sendable {
  public let opset: Int

  public init(opset: Int) { self.opset = opset }

  /// `x op c` for a constant of one number per channel (or per channel and position), whose shape
  /// came from `channelShape`.
  ///
  /// - Parameter operation: Add, Sub, Mul or Div.
  public func channelwise(
    _ operation: String, _ x: Value.ID, _ c: Value.ID, name: String, type: ValueType?,
    into patch: inout Patch
  ) -> Value.ID {
    let attributes: [Attribute] =
      opset >= 7 ? [] : [.int("axis", 1), .int("broadcast", 1)]
    return patch.op(operation, [x, c], attributes, name: name, type: type)
  }

  /// The shape under which a per-channel constant of shape `shape` meets an X of rank `rank`; nil
  /// where that depends on a rank that is not known.
  public func channelShape(_ shape: [Int], rank: Int?) -> [Int]? {
    // Before opset 7 the attribute `axis` puts the constant where it belongs, whatever the rank.
    if opset < 7 || shape.count > 1 { return shape }
    if let rank { return ChannelShape.broadcast(shape[0], rank: rank) }
    return shape == [1] ? shape : nil
  }

  /// Whether `channelShape` needs the rank of X.
  public func needsRank(_ shape: [Int]) -> Bool { channelShape(shape, rank: nil) == nil }

  /// The elements of `x` under a constant shape.
  public func reshape(
    _ x: Value.ID, to shape: [Int], name: String, type: ValueType?, into patch: inout Patch
  ) -> Value.ID {
    guard opset >= 5 else {
      return patch.op("Reshape", [x], [.ints("shape", shape)], name: name, type: type)
    }
    let target = patch.constant(Tensor(shape.map(Int64.init)), name: "\(name)_shape")
    return patch.op("Reshape", [x, target], name: name, type: type)
  }

  /// A conversion of the element type; `x` itself where it has that type already.
  public func cast(
    _ x: Value.ID, from source: ElementType, to target: ElementType, shape: Shape?, name: String,
    into patch: inout Patch
  ) -> Value.ID {
    guard source != target else { return x }
    let attribute: Attribute =
      opset >= 6
      ? .int("to", Int(target.rawValue)) : .string("to", target.name.uppercased())
    return patch.op("Cast", [x], [attribute], name: name, type: .tensor(target, shape))
  }
}
