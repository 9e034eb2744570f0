internal import CKernels
internal import SurgeonIR

/// What the channels before and after a convolution are multiplied by, which goes into its weights.
struct ChannelFactors: Sendable {
  /// For each input channel of all groups; nil where it is one.
  var input: [Float]?
  /// For each output channel; nil where it is one.
  var output: [Float]?
  /// The convolution's groups, which `input` needs to know.
  var groups = 1

  var areOne: Bool { input == nil && output == nil }

  /// Multiplies row-major weights where they are.
  func multiply(
    _ weights: StridedTensor, _ context: ExecutionContext
  ) throws(SurgeonError) {
    let (outputs, width) = (weights.shape[0], weights.shape[1])
    let taps = weights.shape[2...].reduce(1, *)
    if let input {
      let shape = [groups, outputs / groups, width, taps]
      try multiply(weights, seenAs: shape, by: input, of: [groups, 1, width, 1], context)
    }
    if let output {
      try multiply(
        weights, seenAs: [outputs, width * taps], by: output, of: [outputs, 1], context)
    }
  }

  private func multiply(
    _ weights: StridedTensor, seenAs shape: [Int], by factors: [Float], of factorShape: [Int],
    _ context: ExecutionContext
  ) throws(SurgeonError) {
    let operand = try StridedTensor(shape: factorShape, .rowMajor, context)
    operand.base.update(from: factors, count: factors.count)
    let place = weights.alias(shape: shape, strides: Arrangement.rowMajor.strides(for: shape))
    _ = try ElementwiseChain(steps: [.init(op: CK_MULTIPLY, operand: operand)])
      .run(place, shape: shape, .rowMajor, context, into: place)
  }
}
