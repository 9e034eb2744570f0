internal import SurgeonIR

/// What a surgery decided about all nodes that become group normalisations.
struct GroupDecisions {
  var decisions: [GroupDecision] = []
  /// Why there is no decision.
  var refusals: [Node.ID: String] = [:]
  /// Measured relative RMS difference by node.
  var measured: [Node.ID: Double] = [:]

  /// Fits gamma and beta to data where the plan says so, and measures the damage of every decision.
  ///
  /// - Throws: `impossible` where a fit is asked for and nothing can run the model.
  mutating func fitToData(_ model: Model, _ observer: ValueObserver?) throws(SurgeonError) {
    guard !decisions.isEmpty else { return }
    guard let observer else {
      if decisions.contains(where: { $0.site.options.match == .data }) {
        throw SurgeonError(
          .impossible, "gamma and beta cannot be fitted to data that are not there",
          hint: "give sample data with --inputs, or leave --match at moments")
      }
      return
    }
    let fitted = decisions.indices.filter { decisions[$0].site.options.match == .data }
    if !fitted.isEmpty {
      var fits = Dictionary(
        uniqueKeysWithValues: fitted.map {
          ($0, GroupFit(decisions[$0].parameters, groups: decisions[$0].choice.groups))
        })
      let readers = readers(fitted)
      try observer(model, Set(readers.keys)) { value, tensor throws(SurgeonError) in
        for index in readers[value] ?? [] {
          guard let batch = try numbers(tensor, for: index) else { continue }
          fits[index]?.add(batch, shape: tensor.shape)
        }
      }
      for (index, fit) in fits {
        guard let (scale, bias) = fit.result else { continue }
        decisions[index].plan.scale = scale
        decisions[index].plan.bias = bias
      }
    }
    var meters = decisions.map {
      GroupDamageMeter(
        $0.parameters, groups: $0.plan.groups, scale: $0.plan.scale, bias: $0.plan.bias)
    }
    let readers = readers(Array(decisions.indices))
    try observer(model, Set(readers.keys)) { value, tensor throws(SurgeonError) in
      for index in readers[value] ?? [] {
        guard let batch = try numbers(tensor, for: index) else { continue }
        meters[index].add(batch, shape: tensor.shape)
      }
    }
    for (decision, meter) in zip(decisions, meters) { measured[decision.site.node] = meter.damage }
  }

  /// The decisions about nodes that read a value.
  private func readers(_ indices: [Int]) -> [Value.ID: [Int]] {
    var readers: [Value.ID: [Int]] = [:]
    for index in indices {
      if let input = decisions[index].site.norm?.input { readers[input, default: []].append(index) }
    }
    return readers
  }

  /// The numbers of a batch, where it fits the node.
  private func numbers(_ tensor: Tensor, for index: Int) throws(SurgeonError) -> [Double]? {
    guard tensor.shape.count >= 2,
      tensor.shape[1] == decisions[index].parameters.channelCount
    else { return nil }
    return try tensor.float64Elements()
  }
}
