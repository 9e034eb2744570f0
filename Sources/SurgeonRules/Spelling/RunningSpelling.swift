public import SurgeonIR

/// How running batch normalisation is written, in operators of opset 9 and later.
extension OperatorSpelling {
  /// One step of the recurrence that `RunningRecurrence` documents, and the normalisation by it.
  ///
  /// - Parameters:
  ///   - state: the gathered weight (nil for a pretrained start, where it is 1 for ever), mean and
  ///     variance.
  ///   - gamma, beta: [C], of the type that statistics are computed in.
  /// - Returns: Y in that type, and the state after the batch.
  public func running(
    _ x: NormalizedInput, state: NormalizationState, gamma: Value.ID, beta: Value.ID,
    epsilon: Double, momentum: Double, normalization: WelfordOptions.Normalization,
    into patch: inout Patch
  ) -> (output: Value.ID, next: NormalizationState) {
    let (batchMean, batchVariance) = batchStatistics(of: x, into: &patch)
    let samples = batchCount(of: x, unit: .samples, into: &patch)
    let perSample = scalar(momentum, of: x, name: "momentum", into: &patch)
    let one = scalar(1, of: x, name: "one", into: &patch)
    let keep = patch.op("Pow", [perSample, samples], name: "keep", type: x.scalarType)
    var share = patch.op("Sub", [one, keep], name: "batch_share", type: x.scalarType)
    var weight: Value.ID?
    if let old = state.count {
      let kept = patch.op("Mul", [keep, old], name: "kept_weight", type: x.scalarType)
      let total = patch.op("Add", [kept, share], name: "weight", type: x.scalarType)
      share = patch.op("Div", [share, total], name: "debiased_share", type: x.scalarType)
      weight = total
    }
    let rest = patch.op("Sub", [one, share], name: "past_share", type: x.scalarType)
    let difference = patch.op(
      "Sub", [batchMean, state.mean], name: "difference", type: x.channelType)
    let step = patch.op("Mul", [difference, share], name: "mean_step", type: x.channelType)
    let mean = patch.op("Add", [state.mean, step], name: "mean", type: x.channelType)
    let square = patch.op("Mul", [difference, step], name: "between_var", type: x.channelType)
    let past = patch.op("Add", [state.spread, square], name: "past_var", type: x.channelType)
    let pastPart = patch.op("Mul", [past, rest], name: "past_part", type: x.channelType)
    let batchPart = patch.op(
      "Mul", [batchVariance, share], name: "batch_part", type: x.channelType)
    let variance = patch.op("Add", [pastPart, batchPart], name: "var", type: x.channelType)

    let isUpdated = normalization == .updated
    let output = normalize(
      x, mean: isUpdated ? mean : state.mean, variance: isUpdated ? variance : state.spread,
      gamma: gamma, beta: beta, epsilon: scalar(epsilon, of: x, name: "epsilon", into: &patch),
      into: &patch)
    return (output, NormalizationState(count: weight, mean: mean, spread: variance))
  }
}
