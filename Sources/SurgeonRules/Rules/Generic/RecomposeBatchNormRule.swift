internal import SurgeonIR
public import SurgeonRewrite

extension RewriteRule {
  /// A normalisation spelled in elementwise operators becomes one BatchNormalization again.
  ///
  ///     y = (x - mean) / sqrt(var + epsilon) * gamma + beta      per channel (axis 1)
  ///
  /// Before, the operands of Mul and Add in any order, the division also as a multiplication:
  ///
  ///     c = Sub(x, mean)
  ///     v = Add(var, epsilon)
  ///     d = Sqrt(v)
  ///     n = Div(c, d)
  ///     s = Mul(n, gamma)
  ///     y = Add(s, beta)
  ///
  /// After: `y = BatchNormalization<epsilon>(x, gamma, beta, mean, var)`
  ///
  /// Where d is a constant, var = d * d and epsilon = 0.
  public static func recomposeBatchNorm() -> RewriteRule {
    let form = DecomposedNorm()
    return RewriteRule(
      "recompose-batch-norm",
      "a normalisation in elementwise operators becomes one BatchNormalization",
      fidelity: .rounding, pattern: form.pattern, conditions: [.opset(7...)]
    ) { match, context, patch in
      let norm = try form.read(match, context)
      func constant(_ numbers: [Double], _ name: String) -> Value.ID {
        patch.constant(
          Tensor(rounding: numbers, to: norm.elementType, shape: [numbers.count]), name: name)
      }
      return patch.op(
        "BatchNormalization",
        [
          match[form.x], constant(norm.gamma, "gamma"), constant(norm.beta, "beta"),
          constant(norm.mean, "mean"), constant(norm.variance, "var"),
        ], [.float("epsilon", Float(norm.epsilon))], type: context.type(match.output))
    }
  }
}

/// The pattern, and the numbers behind it.
private struct DecomposedNorm {
  let x = Capture<Value.ID>("x")
  let mean = Capture<Tensor>("mean")
  let gamma = Capture<Tensor>("gamma")
  let beta = Capture<Tensor>("beta")
  let variance = Capture<Tensor?>("var")
  let epsilon = Capture<Tensor?>("epsilon")
  /// The standard deviation, or its inverse, where the file has the number itself.
  let deviation = Capture<Tensor?>("deviation")
  let inverse = Capture<Tensor?>("inverse")

  var pattern: Pattern {
    let shifted = Op.Sub(x, mean).usedOnce()
    let root = Op.Sqrt(Op.Add(variance, epsilon))
    let normalized = Op.either(
      Op.Div(shifted, root), Op.Div(shifted, deviation),
      Op.Mul(shifted, Op.Reciprocal(root)), Op.Mul(shifted, Op.Div(1, root)),
      Op.Mul(shifted, inverse))
    return Op.Add(Op.Mul(normalized.usedOnce(), gamma).usedOnce(), beta)
  }

  struct Numbers {
    var gamma: [Double]
    var beta: [Double]
    var mean: [Double]
    var variance: [Double]
    var epsilon: Double
    var elementType: ElementType
  }

  func read(_ match: Match, _ context: RewriteContext) throws -> Numbers {
    guard let rank = context.rank(match[x]) else {
      throw Decline(
        "the rank of '\(context.model[match[x]].name)' is not known", value: match[x],
        remedy: "record its shape in the model, or give the sizes of the inputs")
    }
    guard rank >= 2 else { throw Decline("the input has no channels", value: match[x]) }
    var tensors = [match[mean], match[gamma], match[beta]]
    tensors += [match[variance], match[deviation], match[inverse]].compactMap { $0 }
    let channels =
      context.shape(match[x])?.dimensions[1].value ?? tensors.map(\.count).max() ?? 1
    let type = match[gamma].elementType
    guard [.float32, .float64].contains(type), tensors.allSatisfy({ $0.elementType == type })
    else { throw Decline("the constants are not all of one type, float or double") }
    func numbers(_ tensor: Tensor, _ role: String) throws -> [Double] {
      let padded = Array(repeating: 1, count: max(0, rank - tensor.shape.count)) + tensor.shape
      let isPerChannel =
        padded.count == rank
        && padded.enumerated().allSatisfy { $1 == 1 || ($0 == 1 && $1 == channels) }
      guard isPerChannel, let numbers = try tensor.float64Elements() else {
        throw Decline(
          "\(role) is not one number per channel: its shape is \(tensor.shape)",
          remedy: "only a normalisation over axis 1 is a BatchNormalization")
      }
      return numbers.count == 1 ? Array(repeating: numbers[0], count: channels) : numbers
    }
    var variances: [Double]
    var offset = 0.0
    if var tensor = match[variance], var term = match[epsilon] {
      // Both are constants of a sum, so either may have matched first.
      if tensor.count == 1 { swap(&tensor, &term) }
      variances = try numbers(tensor, "var")
      guard term.count == 1, let number = try term.float64Elements()?.first else {
        throw Decline("epsilon is not one number")
      }
      offset = number
    } else if let tensor = match[deviation] {
      variances = try numbers(tensor, "the deviation").map { $0 > 0 ? $0 * $0 : .nan }
    } else if let tensor = match[inverse] {
      variances = try numbers(tensor, "the inverse deviation").map { $0 > 0 ? 1 / ($0 * $0) : .nan }
    } else {
      throw Decline("the deviation is missing")
    }
    guard variances.allSatisfy({ $0 + offset > 0 }) else {
      throw Decline("a deviation is not positive")
    }
    // Half an epsilon's worth of rounding does not matter, a lost epsilon would.
    let stored = Double(Float(offset))
    if stored != offset { variances = variances.map { $0 + (offset - stored) } }
    return Numbers(
      gamma: try numbers(match[gamma], "gamma"), beta: try numbers(match[beta], "beta"),
      mean: try numbers(match[mean], "mean"), variance: variances, epsilon: stored,
      elementType: type)
  }
}
