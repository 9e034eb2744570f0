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
  ) throws(SurgeonError) -> StridedTensor {
    if let input { multiplyInputs(weights, by: input) }
    guard let output else { return weights }
    let ones = Array(repeating: 1, count: weights.shape.count - 1)
    let operand = try StridedTensor(shape: [output.count] + ones, .rowMajor, context)
    operand.base.update(from: output, count: output.count)
    return try ElementwiseChain(steps: [.init(op: CK_MULTIPLY, operand: operand)])
      .run(weights, shape: weights.shape, .rowMajor, context, into: weights)
  }

  private func multiplyInputs(_ weights: StridedTensor, by factors: [Float]) {
    let (outputs, width) = (weights.shape[0], weights.shape[1])
    let taps = weights.shape[2...].reduce(1, *)
    withExtendedLifetime(weights) {
      for output in 0..<outputs {
        let first = output / (outputs / groups) * width
        for index in 0..<width {
          let place = weights.base + (output * width + index) * taps
          for tap in 0..<taps { place[tap] *= factors[first + index] }
        }
      }
    }
  }
}
