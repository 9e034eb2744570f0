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
  private var line: NormalizationLine?

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
    if line == nil || !hasConstantParameters {
      guard let given = try line(call, channels: x.shape[1], rank: rank) else { return nil }
      line = given
    }
    guard let line, line.factors.count == x.shape[1],
      let chain = try ElementwiseChain(line.operations, shape: x.shape, call.context)
    else { return nil }
    return [.layout(try call.changed(x, chain.steps))]
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

  private func line(
    _ call: KernelCall, channels: Int, rank: Int
  ) throws(SurgeonError) -> NormalizationLine? {
    var given: [Tensor] = []
    for slot in 1...4 { given.append(try call.tensor(slot)) }
    guard given[0].count == channels else { return nil }
    return try line(given, rank: rank)
  }

  /// What a node whose parameters are constants does to each channel; nil for another.
  func constantLine(_ node: NodeDescription, rank: Int) throws(SurgeonError) -> NormalizationLine? {
    guard hasConstantParameters, !isTraining, rank >= 2 else { return nil }
    return try line(node.constants[1...4].compactMap(\.self), rank: rank)
  }

  private func line(_ given: [Tensor], rank: Int) throws(SurgeonError) -> NormalizationLine? {
    try NormalizationLine(
      gamma: given[0], beta: given[1], mean: given[2], variance: given[3], epsilon: epsilon,
      rank: rank)
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
