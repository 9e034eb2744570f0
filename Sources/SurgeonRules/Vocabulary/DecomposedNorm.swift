internal import SurgeonIR
internal import SurgeonRewrite

/// A normalisation in elementwise operators: its pattern, and the numbers behind it.
struct DecomposedNorm {
  let x = Capture<Value.ID>("x")
  let mean = Capture<Tensor>("mean")
  let gamma = Capture<Tensor?>("gamma")
  let beta = Capture<Tensor?>("beta")
  let variance = Capture<Tensor?>("var")
  let epsilon = Capture<Tensor?>("epsilon")
  /// The standard deviation, or its inverse, where the file has the number itself.
  let deviation = Capture<Tensor?>("deviation")
  let inverse = Capture<Tensor?>("inverse")

  var pattern: Pattern {
    let shifted = Op.Sub(x, mean).usedOnce()
    // The sum may have been computed at export.
    let sum = Op.either(Op.Add(variance, epsilon), variance)
    let root = Op.either(Op.Sqrt(sum), Op.Pow(sum, 0.5))
    let inverseRoot = Op.either(Op.Reciprocal(root), Op.Div(1, root), Op.Pow(sum, -0.5))
    let certain = Op.either(Op.Div(shifted, root), Op.Mul(shifted, inverseRoot))
    let normalized = Op.either(certain, Op.Div(shifted, deviation), Op.Mul(shifted, inverse))
    return Op.either(
      Op.Add(Op.Mul(normalized.usedOnce(), gamma).usedOnce(), beta),
      Op.Add(certain.usedOnce(), beta), Op.Mul(certain.usedOnce(), gamma), certain)
  }

  struct Numbers {
    var gamma: [Double]
    var beta: [Double]
    var mean: [Double]
    var variance: [Double]
    var epsilon: Double
    var elementType: ElementType
  }

  /// - Throws: `Decline` where the constants are not those of a normalisation over axis 1, or where
  ///   the match is not the whole of it.
  func read(_ match: Match, _ context: RewriteContext) throws -> Numbers {
    guard let rank = context.rank(match[x]) else {
      throw Decline(
        "the rank of '\(context.model[match[x]].name)' is not known", value: match[x],
        remedy: "record its shape in the model, or give the sizes of the inputs")
    }
    guard rank >= 2 else { throw Decline("the input has no channels", value: match[x]) }
    let tensors = [
      match[mean], match[gamma], match[beta], match[variance], match[deviation], match[inverse],
    ].compactMap { $0 }
    let form = ChannelForm(
      rank: rank,
      channels: context.shape(match[x])?.dimensions[1].value ?? tensors.map(\.count).max() ?? 1)
    let type = match[mean].elementType
    guard [.float32, .float64].contains(type), tensors.allSatisfy({ $0.elementType == type })
    else { throw Decline("the constants are not all of one type, float or double") }
    try checkIsWhole(match, form, context)
    var (variances, offset) = try statistics(match, form)
    guard variances.allSatisfy({ $0 + offset > 0 }) else {
      throw Decline("a deviation is not positive")
    }
    // Half an epsilon's worth of rounding does not matter, a lost epsilon would.
    let stored = Double(Float(offset))
    if stored != offset { variances = variances.map { $0 + (offset - stored) } }
    return Numbers(
      gamma: try match[gamma].map { try form.numbers($0, "gamma") } ?? form.repeating(1),
      beta: try match[beta].map { try form.numbers($0, "beta") } ?? form.repeating(0),
      mean: try form.numbers(match[mean], "mean"), variance: variances, epsilon: stored,
      elementType: type)
  }

  /// The variance of each channel, and what is added to it.
  private func statistics(
    _ match: Match, _ form: ChannelForm
  ) throws -> (variances: [Double], epsilon: Double) {
    if var tensor = match[variance] {
      guard var term = match[epsilon] else { return (try form.numbers(tensor, "var"), 0) }
      // Both are constants of a sum, so either may have matched first.
      if tensor.count == 1 { swap(&tensor, &term) }
      guard term.count == 1, let number = try term.float64Elements()?.first else {
        throw Decline("epsilon is not one number")
      }
      return (try form.numbers(tensor, "var"), number)
    }
    if let tensor = match[deviation] {
      return (try form.numbers(tensor, "the deviation").map { $0 > 0 ? $0 * $0 : .nan }, 0)
    }
    guard let tensor = match[inverse] else { throw Decline("the deviation is missing") }
    let numbers = try form.numbers(tensor, "the inverse deviation")
    return (numbers.map { $0 > 0 ? 1 / ($0 * $0) : .nan }, 0)
  }

  /// Leaves a match alone whose only reader is the gamma or beta that it still lacks: with that one
  /// as its end it is matched as a whole.
  private func checkIsWhole(
    _ match: Match, _ form: ChannelForm, _ context: RewriteContext
  ) throws {
    guard match[beta] == nil else { return }
    let model = context.model
    let uses = model[match.output].uses
    guard uses.count == 1, let reader = uses[0].node,
      model[reader].opType == "Add" || (model[reader].opType == "Mul" && match[gamma] == nil)
    else { return }
    for case let other? in model[reader].inputs where other != match.output {
      if let tensor = try context.constant(other), form.holds(tensor) {
        throw Decline("the \(model[reader].opType) that follows belongs to it", node: reader)
      }
    }
  }
}

/// How a constant spreads over a value with one number for each channel.
private struct ChannelForm {
  let rank: Int
  let channels: Int

  func holds(_ tensor: Tensor) -> Bool {
    let padded = Array(repeating: 1, count: max(0, rank - tensor.shape.count)) + tensor.shape
    return padded.count == rank
      && padded.enumerated().allSatisfy { $1 == 1 || ($0 == 1 && $1 == channels) }
  }

  func numbers(_ tensor: Tensor, _ role: String) throws -> [Double] {
    guard holds(tensor), let numbers = try tensor.float64Elements() else {
      throw Decline(
        "\(role) is not one number per channel: its shape is \(tensor.shape)",
        remedy: "only a normalisation over axis 1 is a BatchNormalization")
    }
    return numbers.count == 1 ? repeating(numbers[0]) : numbers
  }

  func repeating(_ number: Double) -> [Double] { Array(repeating: number, count: channels) }
}
