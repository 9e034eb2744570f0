internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// The gate of a squeeze-and-excitation block (Hu et al. 2018) as one step: each channel's average,
/// two small layers, and the channels multiplied by what they yield.
///
/// As five steps these cost more in going from one to the next than in arithmetic.
struct SqueezeExcitation: Sendable {
  /// A convolution of one position: a product with a matrix, a bias, and elementwise operations.
  struct Layer: Sendable {
    let inputs: Int
    let outputs: Int
    /// `outputs` rounded up to whole vectors.
    private let stride: Int
    /// [inputs, stride]
    private let weights: [Float]
    private let bias: [Float]
    private let operations: [FusedOperation]

    /// Nil where the weights are not those of one position.
    init?(
      weights: Tensor, bias: Tensor?, operations: [FusedOperation]
    ) throws(SurgeonError) {
      guard weights.shape.count >= 3, weights.shape[2...].allSatisfy({ $0 == 1 }),
        operations.allSatisfy({ $0.operand == nil }),
        let numbers = try weights.elements(as: Float.self)
      else { return nil }
      let (outputs, inputs) = (weights.shape[0], weights.shape[1])
      let stride = (outputs + 15) / 16 * 16
      var padded = Array(repeating: Float(0), count: stride)
      if let bias {
        guard let given = try bias.elements(as: Float.self), given.count == outputs else {
          return nil
        }
        padded.replaceSubrange(0..<outputs, with: given)
      }
      var turned = Array(repeating: Float(0), count: inputs * stride)
      for output in 0..<outputs {
        for input in 0..<inputs {
          turned[input * stride + output] = numbers[output * inputs + input]
        }
      }
      (self.inputs, self.outputs, self.stride) = (inputs, outputs, stride)
      (self.weights, self.bias, self.operations) = (turned, padded, operations)
    }

    /// - Parameter y: holds as many numbers as there are outputs.
    func run(
      _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, threads: Int
    ) {
      withUnsafeTemporaryAllocation(of: Float.self, capacity: stride) { sums in
        guard let sums = sums.baseAddress else { return }
        weights.withUnsafeBufferPointer { weights in
          bias.withUnsafeBufferPointer { bias in
            guard let weights = weights.baseAddress, let bias = bias.baseAddress else { return }
            let width = 64
            ThreadPool.shared.run(
              count: (stride + width - 1) / width, threads: threads,
              nanoseconds: inputs * stride / 16
            ) { block in
              let first = block * width
              ck_vector_times_matrix(
                Int64(inputs), Int64(min(width, stride - first)), x, weights + first,
                Int64(stride), bias + first, sums + first)
            }
          }
        }
        for operation in operations {
          var step = ck_step()
          step.op = Int32(operation.op.rawValue)
          (step.alpha, step.beta) = (operation.alpha, operation.beta)
          ck_chain(&step, 1, 1, Int64(outputs), sums, Int64(outputs), sums, Int64(outputs))
        }
        y.update(from: sums, count: outputs)
      }
    }
  }

  private let squeeze: Layer
  private let excite: Layer

  /// Nil where the layers do not fit each other.
  init?(squeeze: Layer, excite: Layer) {
    guard squeeze.outputs == excite.inputs, squeeze.inputs == excite.outputs else { return nil }
    self.squeeze = squeeze
    self.excite = excite
  }

  /// The first input with its channels scaled; nil where it is not channels-last.
  func run(_ call: KernelCall) throws(SurgeonError) -> StridedTensor? {
    guard let x = try call.strided(0), x.shape.count >= 3, x.count > 0,
      x.shape[1] == squeeze.inputs, x.matches(.channelsLast),
      let gate = try FastReduction.averages(x, call)
    else { return nil }
    let (images, channels) = (x.shape[0], x.shape[1])
    withUnsafeTemporaryAllocation(of: Float.self, capacity: squeeze.outputs) { hidden in
      guard let hidden = hidden.baseAddress else { return }
      for image in 0..<images {
        let row = gate.base + image * channels
        squeeze.run(row, into: hidden, threads: call.threads)
        excite.run(hidden, into: row, threads: call.threads)
      }
    }
    let place = call.place(of: 0, x, shape: x.shape, .channelsLast)
    return try ElementwiseChain(steps: [.init(op: CK_MULTIPLY, operand: gate)])
      .run(x, shape: x.shape, .channelsLast, call.context, into: place)
  }
}
