internal import SurgeonIR

/// Operators that draw random numbers, from the node's seed or the session's.
enum Randomness {
  /// Dropout: the identity with a mask of ones, or with the given ratio of zeros when training.
  @Sendable static func dropout(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let opset = call.node.opset
    let ratio: Double
    let isTraining: Bool
    if opset >= 12 {
      ratio = try call.optionalTensor(1)?.doubles().first ?? 0.5
      isTraining = try call.ints(2)?.first.map { $0 != 0 } ?? false
    } else {
      ratio = call.node.float("ratio", default: 0.5)
      isTraining = opset < 7 && !call.node.flag("is_test")
    }
    // The mask is of the data's type before version 10, and bool from then on.
    let maskType = opset < 10 ? tensor.elementType : .bool
    guard isTraining, ratio > 0 else {
      let ones = try Tensor.converting([1], to: maskType, shape: [])
      return [
        .tensor(tensor),
        call.node.needsOutput(1) ? .tensor(try call.broadcast(ones, to: tensor.shape)) : nil,
      ]
    }
    var generator = call.context.generator(for: call.node)
    let keeps = (0..<tensor.count).map { _ in generator.uniform() >= ratio }
    let numbers = try tensor.doubles()
    let scaled = Swift.zip(numbers, keeps).map { $1 ? $0 / (1 - ratio) : 0 }
    return [
      .tensor(try .converting(scaled, to: tensor.elementType, shape: tensor.shape)),
      .tensor(try .converting(keeps.map { $0 ? 1 : 0 }, to: maskType, shape: tensor.shape)),
    ]
  }

  @Sendable static func normal(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try draw(call, try shapeAndType(call), isNormal: true)
  }
  @Sendable static func uniform(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try draw(call, try shapeAndType(call), isNormal: false)
  }
  @Sendable static func normalLike(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try draw(call, try likeInput(call), isNormal: true)
  }
  @Sendable static func uniformLike(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try draw(call, try likeInput(call), isNormal: false)
  }

  private static func shapeAndType(
    _ call: KernelCall
  ) throws(SurgeonError) -> (shape: [Int], type: ElementType) {
    guard let shape = call.node.ints("shape") else {
      throw call.failure("attribute 'shape' is missing")
    }
    return (shape, try call.node.elementType("dtype") ?? .float32)
  }

  private static func likeInput(
    _ call: KernelCall
  ) throws(SurgeonError) -> (shape: [Int], type: ElementType) {
    let tensor = try call.tensor(0)
    return (tensor.shape, try call.node.elementType("dtype") ?? tensor.elementType)
  }

  private static func draw(
    _ call: KernelCall, _ what: (shape: [Int], type: ElementType), isNormal: Bool
  ) throws(SurgeonError) -> [Datum?] {
    let count = try Sizes.count(what.shape)
    _ = try call.context.allocate(byteCount: count * 8)
    var generator = call.context.generator(for: call.node)
    let numbers: [Double]
    if isNormal {
      let (mean, scale) = (
        call.node.float("mean", default: 0), call.node.float("scale", default: 1)
      )
      numbers = (0..<count).map { _ in mean + scale * generator.normal() }
    } else {
      let (low, high) = (call.node.float("low", default: 0), call.node.float("high", default: 1))
      numbers = (0..<count).map { _ in low + (high - low) * generator.uniform() }
    }
    return [.tensor(try .converting(numbers, to: call.runtimeType(what.type), shape: what.shape))]
  }

  /// 1 with the probability that the input gives, else 0.
  @Sendable static func bernoulli(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let type = try call.node.elementType("dtype").map(call.runtimeType) ?? tensor.elementType
    var generator = call.context.generator(for: call.node)
    let numbers = try tensor.doubles().map { generator.uniform() < $0 ? 1.0 : 0 }
    return [.tensor(try .converting(numbers, to: type, shape: tensor.shape))]
  }

  /// Classes drawn from unnormalised log-probabilities.
  @Sendable static func multinomial(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let samples = call.node.int("sample_size", default: 1)
    guard tensor.shape.count == 2, tensor.shape[1] > 0, samples >= 0, samples < 1 << 31 else {
      throw call.failure("the input is not a matrix of log-probabilities")
    }
    let logits = try tensor.doubles()
    let classes = tensor.shape[1]
    _ = try Sizes.count([tensor.shape[0], samples])
    var generator = call.context.generator(for: call.node)
    var drawn: [Int64] = []
    for row in 0..<tensor.shape[0] {
      let own = logits[(row * classes)..<((row + 1) * classes)]
      let largest = own.max() ?? 0
      let weights = own.map { Double.exp($0 - largest) }
      let total = weights.reduce(0, +)
      for _ in 0..<samples {
        var rest = generator.uniform() * total
        var choice = 0
        while choice < classes - 1, rest >= weights[choice] {
          rest -= weights[choice]
          choice += 1
        }
        drawn.append(Int64(choice))
      }
    }
    let type = try call.node.elementType("dtype") ?? .int32
    return [.tensor(try .truncating(drawn, to: type, shape: [tensor.shape[0], samples]))]
  }
}
