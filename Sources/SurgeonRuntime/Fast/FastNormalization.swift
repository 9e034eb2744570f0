internal import CDnnlLoader
internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// BatchNormalization: with the node's statistics a factor and a summand for each channel, in training
/// mode with the moments of each channel.
struct FastBatchNormalization: FastKernel {
  private let isTraining: Bool
  private let hasConstantParameters: Bool
  private let epsilon: Double
  private var parameters: (scale: Tensor, shift: Tensor)?

  init?(_ node: NodeDescription) {
    isTraining = BatchNormalization.isTraining(node)
    guard node.opset >= 9 || node.flag("spatial", default: true) else { return nil }
    hasConstantParameters =
      node.constants.count >= 5 && node.constants[1...4].allSatisfy { $0 != nil }
    epsilon = node.float("epsilon", default: 1e-5)
  }

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), x.shape.count >= 2, call.inputs.count >= 5 else {
      return nil
    }
    let rank = x.shape.count
    if isTraining { return try train(x, call) }
    if parameters == nil || !hasConstantParameters {
      guard let folded = try fold(call, channels: x.shape[1], rank: rank) else { return nil }
      parameters = folded
    }
    guard let parameters, parameters.scale.count == x.shape[1],
      let scale = try StridedTensor(parameters.scale, call.context),
      let shift = try StridedTensor(parameters.shift, call.context)
    else { return nil }
    let steps = [
      ElementwiseChain.Step(op: CK_MULTIPLY, operand: scale), .init(op: CK_ADD, operand: shift),
    ]
    return [.layout(try call.changed(x, steps))]
  }

  /// (x - mean) slope + bias with the moments of this batch, and the running statistics.
  private func train(
    _ given: StridedTensor, _ call: KernelCall
  ) throws(SurgeonError) -> [RuntimeValue?]? {
    let x = given.matches(.channelsLast) ? given : try given.arranged(.rowMajor)
    let channels = x.shape[1]
    var numbers: [[Double]] = []
    for slot in 1...4 {
      guard let list = try call.tensor(slot).float64Elements(), list.count == channels else {
        return nil
      }
      numbers.append(list)
    }
    guard x.count > 0 else { return nil }
    let found = GroupMoments.ofChannels(x, threads: call.threads)
    let shape = [channels] + Array(repeating: 1, count: x.shape.count - 2)
    func operand(_ numbers: [Double]) throws(SurgeonError) -> StridedTensor? {
      try StridedTensor(Tensor(rounding: numbers, to: .float32, shape: shape), call.context)
    }
    let slopes = zip(numbers[0], found.variances).map { $0 / ($1 + epsilon).squareRoot() }
    let steps = [
      ElementwiseChain.Step(op: CK_SUBTRACT, operand: try operand(found.means)),
      .init(op: CK_MULTIPLY, operand: try operand(slopes)),
      .init(op: CK_ADD, operand: try operand(numbers[1])),
    ]
    let y = try call.changed(x, steps)
    let running = try BatchNormalization.runningStatistics(
      call, (found.means, found.variances), numbers[2], numbers[3])
    return [.layout(y)] + running.map { $0.map(RuntimeValue.datum) }
  }

  private func fold(
    _ call: KernelCall, channels: Int, rank: Int
  ) throws(SurgeonError) -> (scale: Tensor, shift: Tensor)? {
    var given: [Tensor] = []
    for slot in 1...4 { given.append(try call.tensor(slot)) }
    guard given[0].count == channels else { return nil }
    return try fold(given, rank: rank)
  }

  /// The factors and summands of a node whose parameters are constants; nil for another.
  func constantParameters(
    _ node: NodeDescription, rank: Int
  ) throws(SurgeonError) -> (scale: Tensor, shift: Tensor)? {
    guard hasConstantParameters, !isTraining, rank >= 2 else { return nil }
    return try fold(node.constants[1...4].compactMap(\.self), rank: rank)
  }

  /// y = x scale / sqrt(variance + epsilon) + (bias - mean scale / sqrt(variance + epsilon)), both
  /// numbers computed in Float64 and rounded once, for values of the given rank.
  private func fold(
    _ parameters: [Tensor], rank: Int
  ) throws(SurgeonError) -> (scale: Tensor, shift: Tensor)? {
    var numbers: [[Double]] = []
    for tensor in parameters {
      guard let list = try tensor.float64Elements() else { return nil }
      numbers.append(list)
    }
    let channels = numbers[0].count
    guard numbers.allSatisfy({ $0.count == channels }) else { return nil }
    let factors = (0..<channels).map { numbers[0][$0] / (numbers[3][$0] + epsilon).squareRoot() }
    let shifts = (0..<channels).map { numbers[1][$0] - numbers[2][$0] * factors[$0] }
    let shape = [channels] + Array(repeating: 1, count: rank - 2)
    return (
      Tensor(rounding: factors, to: .float32, shape: shape),
      Tensor(rounding: shifts, to: .float32, shape: shape)
    )
  }
}

/// Local response normalisation across channels.
struct FastLRN: FastKernel {
  private var cache = PrimitiveCache<[Int], Primitive?>()

  init?(_ node: NodeDescription) {}

  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), x.shape.count == 4, x.count > 0,
      let size = call.node.int("size"), size > 0, size % 2 == 1
    else { return nil }
    let node = call.node
    let found = try cache.entry(for: x.shape) { () throws(SurgeonError) -> Primitive? in
      var layout = dl_layout(x.shape, .channelsLast)
      return Primitive {
        dl_lrn(
          &layout, Int64(size), Float(node.float("alpha", default: 0.0001)),
          Float(node.float("beta", default: 0.75)), Float(node.float("bias", default: 1)), $0)
      }
    }
    guard let primitive = found, !primitive.isSlow else { return nil }
    let source = try x.arranged(.channelsLast)
    let y = try call.result(x.shape, .channelsLast)
    try primitive.execute([source, y])
    return [.layout(y)]
  }
}
