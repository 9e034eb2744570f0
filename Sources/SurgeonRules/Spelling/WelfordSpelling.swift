public import SurgeonIR

/// The state of a normalisation whose statistics keep running: values that the graph reads, or the
/// values that follow them.
public struct NormalizationState: Sendable {
  /// n, or the gathered weight of an IIR average; nil where it is a constant.
  public var count: Value.ID?
  public var mean: Value.ID
  /// M2, or the variance of an IIR average.
  public var spread: Value.ID
}

/// How Welford-running statistics are written, in operators of opset 9 and later.
extension OperatorSpelling {
  /// One step of the recurrence that `WelfordRecurrence` documents, and the normalisation by it.
  ///
  /// - Parameters:
  ///   - gamma, beta: [C], of the type that statistics are computed in.
  ///   - epsilon, maximum: scalars of that type; no maximum where nothing caps the count.
  /// - Returns: Y in that type, and the state after the batch.
  public func welford(
    _ x: NormalizedInput, state: NormalizationState, gamma: Value.ID, beta: Value.ID,
    epsilon: Value.ID, maximum: Value.ID?, form: WelfordForm, into patch: inout Patch
  ) -> (output: Value.ID, next: NormalizationState) {
    let (batchMean, batchVariance) = batchStatistics(of: x, into: &patch)
    let batchCount = batchCount(of: x, unit: form.unit, into: &patch)
    // A constant count without a maximum does not pass the options' check.
    let count = state.count ?? maximum ?? batchCount

    // Chan's merge.
    let total = patch.op("Add", [count, batchCount], name: "total", type: x.scalarType)
    let share = patch.op("Div", [batchCount, total], name: "share", type: x.scalarType)
    let difference = patch.op(
      "Sub", [batchMean, state.mean], name: "difference", type: x.channelType)
    let step = patch.op("Mul", [difference, share], name: "mean_step", type: x.channelType)
    let mean = patch.op("Add", [state.mean, step], name: "mean", type: x.channelType)
    let batchM2 = patch.op(
      "Mul", [batchVariance, batchCount], name: "batch_m2", type: x.channelType)
    let weight = patch.op("Mul", [count, share], name: "between_weight", type: x.scalarType)
    let square = patch.op(
      "Mul", [difference, difference], name: "difference_square", type: x.channelType)
    let between = patch.op("Mul", [square, weight], name: "between_m2", type: x.channelType)
    let within = patch.op("Add", [state.spread, batchM2], name: "within_m2", type: x.channelType)
    let sum = patch.op("Add", [within, between], name: "total_m2", type: x.channelType)

    // The cap, which leaves the variance as it is.
    var newCount = total
    var m2 = sum
    if let maximum {
      newCount =
        state.count == nil
        ? maximum
        : patch.op("Min", [total, maximum], name: "capped_count", type: x.scalarType)
      let ratio = patch.op("Div", [newCount, total], name: "count_ratio", type: x.scalarType)
      m2 = patch.op("Mul", [sum, ratio], name: "m2", type: x.channelType)
    }

    let (usedMean, usedVariance): (Value.ID, Value.ID)
    switch form.normalization {
    case .updated:
      usedMean = mean
      usedVariance = patch.op("Div", [m2, newCount], name: "var", type: x.channelType)
    case .previous:
      usedMean = state.mean
      usedVariance = previousVariance(
        of: state, count: count, x: x, mayBeEmpty: form.mayBeEmpty, into: &patch)
    }
    let output = normalize(
      x, mean: usedMean, variance: usedVariance, gamma: gamma, beta: beta, epsilon: epsilon,
      into: &patch)
    let next = NormalizationState(
      count: state.count == nil ? nil : newCount, mean: mean, spread: m2)
    return (output, next)
  }

  /// M2 / n, and 1 where nothing has been counted yet.
  private func previousVariance(
    of state: NormalizationState, count: Value.ID, x: NormalizedInput, mayBeEmpty: Bool,
    into patch: inout Patch
  ) -> Value.ID {
    let variance = patch.op(
      "Div", [state.spread, count], name: "previous_var", type: x.channelType)
    guard mayBeEmpty else { return variance }
    let zero = scalar(0, of: x, name: "nothing", into: &patch)
    let one = scalar(1, of: x, name: "unit_var", into: &patch)
    let isCounted = patch.op(
      "Greater", [count, zero], name: "is_counted", type: .tensor(.bool, Shape([Int]())))
    return patch.op("Where", [isCounted, variance, one], name: "known_var", type: x.channelType)
  }
}
