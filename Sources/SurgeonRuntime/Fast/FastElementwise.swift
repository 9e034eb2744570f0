internal import CKernels
internal import SurgeonIR

/// Operators of one value whose parameters are attributes (or the constant bounds of Clip).
struct FastUnary: FastKernel {
  private let steps: [ElementwiseChain.Step]

  init?(_ node: NodeDescription) throws(SurgeonError) {
    guard let step = try Self.step(node) else { return nil }
    steps = [step]
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0) else { return nil }
    return [.layout(try call.changed(x, steps))]
  }

  /// The operation of a node, nil where its parameters are not known before it runs.
  static func step(_ node: NodeDescription) throws(SurgeonError) -> ElementwiseChain.Step? {
    typealias Step = ElementwiseChain.Step
    func float(_ name: String, _ other: Float) -> Float { Float(node.float(name, default: other)) }
    switch node.opType {
    case "Abs": return Step(op: CK_ABS)
    case "Ceil": return Step(op: CK_CEILING)
    case "Celu":
      let alpha = float("alpha", 1)
      return alpha == 0 ? nil : Step(op: CK_CELU, alpha: alpha, beta: 1 / alpha)
    case "Clip":
      guard let (low, high) = try clipBounds(node) else { return nil }
      return Step(op: CK_CLIP, alpha: low, beta: high)
    case "Cos": return Step(op: CK_COSINE)
    case "Elu": return Step(op: CK_ELU, alpha: float("alpha", 1))
    case "Erf": return Step(op: CK_ERF)
    case "Exp": return Step(op: CK_EXP)
    case "Floor": return Step(op: CK_FLOOR)
    case "Gelu":
      switch node.string("approximate", default: "none") {
      case "none": return Step(op: CK_GELU)
      case "tanh": return Step(op: CK_GELU_TANH)
      default: return nil
      }
    case "HardSigmoid":
      return Step(op: CK_HARD_SIGMOID, alpha: float("alpha", 0.2), beta: float("beta", 0.5))
    case "HardSwish": return Step(op: CK_HARD_SWISH, alpha: 1 / 6, beta: 0.5)
    case "LeakyRelu": return Step(op: CK_RELU, alpha: float("alpha", 0.01))
    case "Log": return Step(op: CK_LOG)
    case "Mish": return Step(op: CK_MISH)
    case "Neg": return Step(op: CK_NEGATE)
    case "Pow": return try power(node)
    case "Reciprocal": return Step(op: CK_RECIPROCAL)
    case "Relu": return Step(op: CK_RELU)
    case "Round": return Step(op: CK_ROUND)
    case "Selu":
      let selu = Selu(node)
      return Step(
        op: CK_SELU, alpha: Float(selu.gamma) * Float(selu.alpha), beta: Float(selu.gamma))
    case "Sigmoid": return Step(op: CK_SIGMOID)
    case "Sign": return Step(op: CK_SIGN)
    case "Sin": return Step(op: CK_SINE)
    case "Softplus": return Step(op: CK_SOFTPLUS)
    case "Softsign": return Step(op: CK_SOFTSIGN)
    case "Sqrt": return Step(op: CK_SQRT)
    case "Swish": return Step(op: CK_SWISH, alpha: float("alpha", 1))
    case "Tanh": return Step(op: CK_TANH)
    default: return nil
    }
  }

  /// Squares, cubes and the number itself. Other powers have an operand: `FastBinary`.
  private static func power(
    _ node: NodeDescription
  ) throws(SurgeonError) -> ElementwiseChain.Step? {
    // A scalar: an exponent with dimensions may make the result's rank larger.
    guard node.opset >= 7, node.constants.count == 2, let exponent = node.constants[1],
      exponent.shape.isEmpty
    else { return nil }
    switch try exponent.float64Elements()?.first {
    case 1: return ElementwiseChain.Step(op: CK_COPY)
    case 2: return ElementwiseChain.Step(op: CK_SQUARE)
    case 3: return ElementwiseChain.Step(op: CK_CUBE)
    default: return nil
    }
  }

  /// Attributes before version 11, constant inputs from then on; nil where they are computed or
  /// are no Float32 numbers.
  private static func clipBounds(
    _ node: NodeDescription
  ) throws(SurgeonError) -> (Float, Float)? {
    if node.sinceVersion < 11 {
      return (
        Float(node.float("min", default: -Float.greatestFiniteMagnitude)),
        Float(node.float("max", default: Float.greatestFiniteMagnitude))
      )
    }
    var bounds: [Float] = [-Float.infinity, Float.infinity]
    for slot in 1...2 where slot < node.hasInput.count && node.hasInput[slot] {
      guard let constant = node.constants[slot],
        let number = try constant.elements(as: Float.self)?.first
      else { return nil }
      bounds[slot - 1] = number
    }
    return (bounds[0], bounds[1])
  }
}

/// Operators of two values (of any number, for Max, Min and Sum) with broadcasting.
struct FastBinary: FastKernel {
  /// The operation, and the one that does the same with its operands exchanged.
  let op: ck_op
  let exchanged: ck_op?

  init?(_ node: NodeDescription) {
    // Before version 7 the second operand was aligned by an attribute.
    guard node.opset >= 7 else { return nil }
    switch node.opType {
    case "Add", "Sum": (op, exchanged) = (CK_ADD, CK_ADD)
    case "Mul": (op, exchanged) = (CK_MULTIPLY, CK_MULTIPLY)
    case "Sub": (op, exchanged) = (CK_SUBTRACT, CK_SUBTRACT_FROM)
    case "Div": (op, exchanged) = (CK_DIVIDE, CK_DIVIDE_INTO)
    case "Max": (op, exchanged) = (CK_MAXIMUM, CK_MAXIMUM)
    case "Min": (op, exchanged) = (CK_MINIMUM, CK_MINIMUM)
    case "PRelu": (op, exchanged) = (CK_PRELU, nil)
    case "Pow": (op, exchanged) = (CK_POWER, CK_POWER_OF)
    default: return nil
    }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    if let (whole, operands) = try GroupedTensor.operands(call) {
      guard let y = try apply(operands, call),
        let grouped = GroupedTensor(y, shape: whole.shape)
      else { return nil }
      return [.layout(grouped)]
    }
    var operands: [StridedTensor] = []
    for slot in call.inputs.indices {
      guard let operand = try call.strided(slot) else { return nil }
      operands.append(operand)
    }
    return try apply(operands, call).map { [.layout($0)] }
  }

  private func apply(
    _ operands: [StridedTensor], _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    guard var shape = operands.first?.shape else { return nil }
    for operand in operands.dropFirst() {
      shape = try Sizes.broadcast(shape, operand.shape)
    }
    let arrangement = ElementwiseChain.arrangement(of: operands, shape: shape)
    let place = call.place(of: 0, operands[0], shape: shape, arrangement)
    if let exchanged, operands.count == 2, operands[1].shape == shape {
      let other = call.place(of: 1, operands[1], shape: shape, arrangement)
      // What is repeated is better read as the second operand.
      if operands[0].shape != shape || (place == nil && other != nil) {
        let chain = ElementwiseChain(steps: [.init(op: exchanged, operand: operands[0])])
        return try chain.run(operands[1], shape: shape, arrangement, call.context, into: other)
      }
    }
    let steps = operands.dropFirst().map { ElementwiseChain.Step(op: op, operand: $0) }
    let chain = ElementwiseChain(steps: steps.isEmpty ? [.init(op: CK_COPY)] : steps)
    return try chain.run(operands[0], shape: shape, arrangement, call.context, into: place)
  }
}
