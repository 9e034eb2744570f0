internal import CDnnlLoader
internal import CKernels
internal import SurgeonIR

/// One elementwise operation of a fused step.
struct FusedOperation: Sendable {
  enum Operand: Sendable {
    case constant(Tensor)
    /// An input of the fused step.
    case input(Int)
  }

  var op: ck_op
  var alpha: Float = 0
  var beta: Float = 0
  var operand: Operand?

  /// The input that is the operand; nil where there is none or it is a constant.
  var slot: Int? {
    if case .input(let slot)? = operand { slot } else { nil }
  }

  /// The operation with its operand at hand; nil where that is no Float32 tensor.
  ///
  /// - Parameter call: brings the operands that are inputs; nil where there are none.
  func step(
    _ call: KernelCall?, _ context: ExecutionContext
  ) throws(SurgeonError) -> ElementwiseChain.Step? {
    var step = ElementwiseChain.Step(op: op, alpha: alpha, beta: beta)
    switch operand {
    case nil: break
    case .constant(let tensor): step.operand = try StridedTensor(tensor, context)
    case .input(let slot): step.operand = try call?.strided(slot)
    }
    return operand == nil || step.operand != nil ? step : nil
  }

  /// The same as something oneDNN does before it stores a result of `shape`; nil where it cannot.
  func postOperation(shape: [Int]) -> dl_post_op? {
    var post = dl_post_op()
    post.alpha = alpha
    post.beta = beta
    func eltwise(_ algorithm: dl_eltwise) -> dl_post_op {
      post.algorithm = Int32(algorithm.rawValue)
      return post
    }
    switch op {
    case CK_RELU: return eltwise(DL_RELU)
    case CK_CLIP: return eltwise(DL_CLIP)
    // For many elements this package's own exponential is faster.
    case CK_SIGMOID, CK_TANH, CK_ELU,
      CK_SWISH where shape.reduce(1, *) >= 1 << 13:
      return nil
    case CK_SIGMOID: return eltwise(DL_SIGMOID)
    case CK_TANH: return eltwise(DL_TANH)
    case CK_ELU: return eltwise(DL_ELU)
    case CK_SWISH: return eltwise(DL_SWISH)
    case CK_LINEAR: return eltwise(DL_LINEAR)
    // The slope is one sixth, give or take how exporters write it.
    case CK_HARD_SWISH where abs(alpha - 1 / 6) < 1e-6 && beta == 0.5: return eltwise(DL_HARDSWISH)
    case CK_ADD:
      guard case .input = operand else { return nil }
      post.kind = 2
      post.algorithm = Int32(DL_ADD.rawValue)
      post.layout = dl_layout(shape, .channelsLast)
      return post
    default: return nil
    }
  }
}

extension ElementwiseChain {
  /// The operations with their operands; nil where one is no Float32 tensor or would make the
  /// result larger than `shape`.
  init?(
    _ operations: [FusedOperation], shape: [Int], _ call: KernelCall
  ) throws(SurgeonError) {
    try self.init(operations, shape: shape, call, call.context)
  }

  /// The same for operations without inputs.
  init?(
    _ operations: [FusedOperation], shape: [Int], _ context: ExecutionContext
  ) throws(SurgeonError) {
    try self.init(operations, shape: shape, nil, context)
  }

  private init?(
    _ operations: [FusedOperation], shape: [Int], _ call: KernelCall?, _ context: ExecutionContext
  ) throws(SurgeonError) {
    var steps: [Step] = []
    for operation in operations {
      guard let step = try operation.step(call, context) else { return nil }
      if let operand = step.operand, operand.shape != shape {
        guard try Sizes.broadcast(shape, operand.shape) == shape else { return nil }
      }
      steps.append(step)
    }
    self.init(steps: steps)
  }
}
