internal import SurgeonIR

/// A channels-last value with its channels in groups: [images, groups, elements of a group] in place
/// of [images, channels, positions...].
///
/// No strides say this shape, because a group's elements are channels of every position. The
/// decomposition of a group normalisation reshapes to it and back: kernels that know the type work
/// on the value as it stands, for all others it is rearranged.
final class GroupedTensor: EngineLayout {
  /// [images, channels, positions...]
  let source: StridedTensor
  let shape: [Int]

  var elementType: ElementType { .float32 }

  /// Nil where the shape is another one, or the value is arranged otherwise.
  init?(_ source: StridedTensor, shape: [Int]) {
    guard shape.count == 3, source.shape.count >= 3, source.matches(.channelsLast),
      shape[0] == source.shape[0], Sizes.splits(source.shape[1], into: shape[1])
    else { return nil }
    self.source = source
    self.shape = shape
  }

  /// The elements as they are in the standard's order.
  func rowMajor() throws(SurgeonError) -> StridedTensor {
    try source.arranged(.rowMajor)
      .view(shape: shape, strides: Arrangement.rowMajor.strides(for: shape))
  }

  func plainTensor() throws(SurgeonError) -> Tensor { try rowMajor().plainTensor() }

  func share() { source.share() }

  /// The operands of an elementwise operator for the source's shape, with the one that it is the
  /// source of; nil where none is grouped, or they are not all alike.
  static func operands(
    _ call: KernelCall
  ) throws(SurgeonError) -> (whole: GroupedTensor, [StridedTensor])? {
    let groups = call.inputs.map { input -> GroupedTensor? in
      if case .layout(let layout as GroupedTensor)? = input { layout } else { nil }
    }
    guard let whole = groups.lazy.compactMap(\.self).first else { return nil }
    var operands: [StridedTensor] = []
    for slot in call.inputs.indices {
      if let other = groups[slot] {
        guard other.shape == whole.shape, other.source.shape == whole.source.shape else {
          return nil
        }
        operands.append(other.source)
      } else {
        guard let x = try call.strided(slot), let operand = try whole.spread(x, call) else {
          return nil
        }
        operands.append(operand)
      }
    }
    return (whole, operands)
  }

  /// A value that is combined with this one, as one for the source's shape; nil where it has other
  /// numbers for the elements of a group.
  private func spread(_ operand: StridedTensor, _ call: KernelCall) throws(SurgeonError)
    -> StridedTensor?
  {
    if operand.count == 1 { return operand.shape.count <= source.shape.count ? operand : nil }
    guard operand.shape.count == 3, operand.shape[2] == 1, operand.shape[1] == shape[1],
      operand.shape[0] == shape[0] || operand.shape[0] == 1
    else { return nil }
    let numbers = try operand.arranged(.rowMajor)
    let channels = source.shape[1]
    let ones = Array(repeating: 1, count: source.shape.count - 2)
    let result = try call.result([operand.shape[0], channels] + ones, .rowMajor)
    let size = channels / shape[1]
    withExtendedLifetime((numbers, result)) {
      for index in 0..<operand.count {
        (result.base + index * size).update(repeating: numbers.base[index], count: size)
      }
    }
    return result
  }
}
