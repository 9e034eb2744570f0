internal import SurgeonIR

/// max(x, 0)
enum Relu: NumberFunction {
  static func apply<T: Arithmetic>(_ x: T) -> T { x < .zero ? .zero : x }
}

/// x for x >= 0, alpha x below.
struct LeakyRelu: RealFunction {
  let alpha: Double
  init(_ node: NodeDescription) { alpha = node.float("alpha", default: 0.01) }
  func callAsFunction<T: Real>(_ x: T) -> T { x < 0 ? T(alpha) * x : x }
}

/// x for x >= 0, alpha (e^x - 1) below.
struct Elu: RealFunction {
  let alpha: Double
  init(_ node: NodeDescription) { alpha = node.float("alpha", default: 1) }
  func callAsFunction<T: Real>(_ x: T) -> T { x < 0 ? T(alpha) * T.expm1(x) : x }
}

/// gamma (alpha (e^x - 1)) for x <= 0, gamma x above.
struct Selu: RealFunction {
  let alpha: Double
  let gamma: Double
  init(_ node: NodeDescription) {
    // Version 1 has shorter constants.
    let isFirst = node.opset < 6
    alpha = node.float("alpha", default: isFirst ? 1.6732 : 1.6732632423543772)
    gamma = node.float("gamma", default: isFirst ? 1.0507 : 1.0507009873554805)
  }
  func callAsFunction<T: Real>(_ x: T) -> T {
    x <= 0 ? T(gamma) * T(alpha) * T.expm1(x) : T(gamma) * x
  }
}

/// max(0, x) + min(0, alpha (e^(x / alpha) - 1))
struct Celu: RealFunction {
  let alpha: Double
  init(_ node: NodeDescription) { alpha = node.float("alpha", default: 1) }
  func callAsFunction<T: Real>(_ x: T) -> T {
    x < 0 ? T(alpha) * T.expm1(x / T(alpha)) : x
  }
}

/// 1 / (1 + e^-x)
struct Sigmoid: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { 1 / (1 + T.exp(-x)) }
}

/// min(1, max(0, alpha x + beta))
struct HardSigmoid: RealFunction {
  let alpha: Double
  let beta: Double
  init(_ node: NodeDescription) {
    alpha = node.float("alpha", default: 0.2)
    beta = node.float("beta", default: 0.5)
  }
  func callAsFunction<T: Real>(_ x: T) -> T {
    let y = T(alpha) * x + T(beta)
    return y < 0 ? 0 : y > 1 ? 1 : y
  }
}

/// x HardSigmoid(x) with alpha 1/6 and beta 1/2.
struct HardSwish: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T {
    let y = x / 6 + T(0.5)
    return x * (y < 0 ? 0 : y > 1 ? 1 : y)
  }
}

/// x sigmoid(alpha x)
struct Swish: RealFunction {
  let alpha: Double
  init(_ node: NodeDescription) { alpha = node.float("alpha", default: 1) }
  func callAsFunction<T: Real>(_ x: T) -> T { x / (1 + T.exp(-T(alpha) * x)) }
}

/// ln(1 + e^x)
struct Softplus: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T {
    // e^x overflows where ln(1 + e^x) is x to the last bit.
    x > 0 ? x + T.log1p(T.exp(-x)) : T.log1p(T.exp(x))
  }
}

/// x / (1 + |x|)
struct Softsign: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { x / (1 + x.magnitude) }
}

/// x tanh(softplus(x))
struct Mish: RealFunction {
  private let softplus: Softplus
  init(_ node: NodeDescription) { softplus = Softplus(node) }
  func callAsFunction<T: Real>(_ x: T) -> T { x * T.tanh(softplus(x)) }
}

/// x Φ(x), exactly or by Hendrycks and Gimpel's tanh.
struct Gelu: RealFunction {
  let isApproximate: Bool
  init(_ node: NodeDescription) throws(SurgeonError) {
    switch node.string("approximate", default: "none") {
    case "none": isApproximate = false
    case "tanh": isApproximate = true
    case let other: throw SurgeonError(.invalidNode, "Gelu has no approximation '\(other)'")
    }
  }
  func callAsFunction<T: Real>(_ x: T) -> T {
    if isApproximate {
      let inner = T(0.7978845608028654) * (x + T(0.044715) * x * x * x)
      return T(0.5) * x * (1 + T.tanh(inner))
    }
    return T(0.5) * x * (1 + T.erf(x * T(0.7071067811865476)))
  }
}

/// x above alpha, 0 elsewhere.
struct ThresholdedRelu: RealFunction {
  let alpha: Double
  init(_ node: NodeDescription) { alpha = node.float("alpha", default: 1) }
  func callAsFunction<T: Real>(_ x: T) -> T { x > T(alpha) ? x : 0 }
}

/// x moved toward zero by the bias, and 0 within lambda of it.
enum Shrink: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let y = try call.output(x.shape, of: T.self)
    let lambda = call.node.float("lambd", default: 0.5)
    let bias = call.node.float("bias", default: 0)
    for index in 0..<x.count {
      let value = x[index].double
      y[index] = T(converting: value < -lambda ? value + bias : value > lambda ? value - bias : 0)
    }
    return [y.datum]
  }
}

/// x for x >= 0, slope x below, the slope broadcast to x.
enum PRelu: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    var slope = try call.tensor(1)
    // Versions before 7 give one slope per channel.
    if call.node.opset < 7, slope.shape.count == 1, x.shape.count > 1 {
      slope = slope.reshaped([slope.count] + Array(repeating: 1, count: x.shape.count - 2))
    }
    return [
      try call.combine(x, slope, as: x.elementType) { (x: T, slope: T) -> T in
        x < .zero ? T.times(slope, x) : x
      }
    ]
  }
}

/// x limited to an interval, whose ends are attributes before version 11 and inputs from then on.
enum Clip: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let low = try limit(call, 1, "min") ?? T.lowest
    let high = try limit(call, 2, "max") ?? T.highest
    let y = try call.output(over: 0, x, as: T.elementType)
    call.shareElements(x.count, nanoseconds: x.count) { range in
      y.map(range, of: x) { value in
        let raised = value < low ? low : value
        return raised > high ? high : raised
      }
    }
    return [y.datum]
  }

  private static func limit<T: Arithmetic>(
    _ call: KernelCall, _ slot: Int, _ name: String
  ) throws(SurgeonError) -> T? {
    guard call.node.opset >= 11 else { return call.node.float(name).map { T(converting: $0) } }
    guard let tensor = try call.optionalTensor(slot) else { return nil }
    guard tensor.count == 1 else { throw call.failure("'\(name)' must be one number") }
    return try tensor.view(as: T.self)[0]
  }
}

/// Swish of the gate times the value.
enum SwiGLU: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let (gate, value) = (try call.tensor(0), try call.tensor(1))
    guard gate.shape == value.shape, gate.elementType == value.elementType else {
      throw call.failure("gate and value differ in shape or type")
    }
    let swish = Swish(call.node)
    return [
      try call.combine(gate, value, as: T.elementType) { (a: T, b: T) -> T in swish(a) * b }
    ]
  }
}
