internal import SurgeonIR

/// An activation function of RNN, GRU and LSTM, with its parameters (attributes `activations`,
/// `activation_alpha`, `activation_beta`).
struct RecurrentActivation: Sendable {
  private enum Kind: Sendable {
    case relu, tanh, sigmoid, affine, leakyRelu, thresholdedRelu, scaledTanh, hardSigmoid, elu,
      softsign, softplus
  }

  private let kind: Kind
  private let alpha: Double
  private let beta: Double

  /// The functions of a node, `perDirection` for each of its `directions`.
  ///
  /// Parameters are consumed in the order of the functions that have them.
  ///
  /// - Throws: `invalidNode` for a wrong number of functions or an unknown one.
  static func all(
    of node: NodeDescription, defaults: [String], directions: Int
  ) throws(SurgeonError) -> [[RecurrentActivation]] {
    let names =
      node.strings("activations")?.map { String(decoding: $0, as: UTF8.self) }
      ?? (0..<directions).flatMap { _ in defaults }
    guard names.count == defaults.count * directions else {
      throw SurgeonError(
        .invalidNode,
        "\(node.opType) needs \(defaults.count * directions) activations, not \(names.count)")
    }
    var alphas = (node.floats("activation_alpha") ?? [])[...]
    var betas = (node.floats("activation_beta") ?? [])[...]
    var functions: [RecurrentActivation] = []
    for name in names {
      functions.append(try RecurrentActivation(name, &alphas, &betas))
    }
    return stride(from: 0, to: functions.count, by: defaults.count).map {
      Array(functions[$0..<($0 + defaults.count)])
    }
  }

  private init(
    _ name: String, _ alphas: inout ArraySlice<Double>, _ betas: inout ArraySlice<Double>
  ) throws(SurgeonError) {
    let parameters: (alpha: Double?, beta: Double?)
    switch name.lowercased() {
    case "relu": (kind, parameters) = (.relu, (nil, nil))
    case "tanh": (kind, parameters) = (.tanh, (nil, nil))
    case "sigmoid": (kind, parameters) = (.sigmoid, (nil, nil))
    case "affine": (kind, parameters) = (.affine, (1, 0))
    case "leakyrelu": (kind, parameters) = (.leakyRelu, (0.01, nil))
    case "thresholdedrelu": (kind, parameters) = (.thresholdedRelu, (1, nil))
    case "scaledtanh": (kind, parameters) = (.scaledTanh, (1, 1))
    case "hardsigmoid": (kind, parameters) = (.hardSigmoid, (0.2, 0.5))
    case "elu": (kind, parameters) = (.elu, (1, nil))
    case "softsign": (kind, parameters) = (.softsign, (nil, nil))
    case "softplus": (kind, parameters) = (.softplus, (nil, nil))
    default: throw SurgeonError(.invalidNode, "there is no activation function '\(name)'")
    }
    alpha = parameters.alpha.map { alphas.popFirst() ?? $0 } ?? 0
    beta = parameters.beta.map { betas.popFirst() ?? $0 } ?? 0
  }

  func callAsFunction<T: Real>(_ x: T) -> T {
    switch kind {
    case .relu: max(x, 0)
    case .tanh: T.tanh(x)
    case .sigmoid: 1 / (1 + T.exp(-x))
    case .affine: T(alpha) * x + T(beta)
    case .leakyRelu: x >= 0 ? x : T(alpha) * x
    case .thresholdedRelu: x > T(alpha) ? x : 0
    case .scaledTanh: T(alpha) * T.tanh(T(beta) * x)
    case .hardSigmoid: min(max(T(alpha) * x + T(beta), 0), 1)
    case .elu: x >= 0 ? x : T(alpha) * T.expm1(x)
    case .softsign: x / (1 + x.magnitude)
    case .softplus: x > 0 ? x + T.log1p(T.exp(-x)) : T.log1p(T.exp(x))
    }
  }
}
