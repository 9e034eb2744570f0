internal import SurgeonIR

/// What a surgery decided about all nodes that become group normalisations.
struct GroupDecisions {
  var decisions: [GroupDecision] = []
  /// Why there is no decision.
  var refusals: [Node.ID: SurgeonError] = [:]
  /// On sample data, relative RMS differences: what each normalisation does to its original input,
  /// the forecast of what will have gathered at its output, and what has.
  private(set) var own: [Node.ID: Double] = [:]
  private(set) var forecast: DamageForecast?
  private(set) var measured: [Node.ID: Double] = [:]
  private(set) var outputs: [SurgeryReport.Damage] = []

  /// Fits gamma and beta to data where the plan says so, and predicts the damage of every decision.
  ///
  /// - Parameter model: with the decided nodes in inference mode.
  /// - Throws: `impossible` where a fit is asked for and nothing can run the model.
  mutating func fitToData(
    _ model: Model, _ observer: (any SampleObserver)?
  ) throws(SurgeonError) {
    guard !decisions.isEmpty else { return }
    guard let observer else {
      if decisions.contains(where: { $0.site.options.match == .data }) {
        throw SurgeonError(
          .impossible, "gamma and beta cannot be fitted to data that are not there",
          hint: "give sample data with --inputs, or leave --match at moments")
      }
      let expected = decisions.map { ($0.site.node, $0.choice.predictedDamage) }
      forecast = DamageForecast(
        own: Dictionary(expected) { first, _ in first }, energies: [:], in: model)
      return
    }
    // One pass: the moments of the samples say what a fit and the damage need.
    var samples: [Value.ID: [Moments]] = [:]
    for decision in decisions {
      if let input = decision.site.norm?.input { samples[input] = [] }
    }
    var energies: [Value.ID: DamageForecast.Energy] = [:]
    for value in DamageForecast.values(in: model) { energies[value] = .init() }
    let values = Set(samples.keys).union(energies.keys)
    try observer.moments(of: values, in: model) { value, moments throws(SurgeonError) in
      samples[value]?.append(contentsOf: moments)
      for sample in moments { energies[value]?.add(sample) }
    }
    for index in decisions.indices {
      let decision = decisions[index]
      let channels = decision.parameters.channelCount
      guard let input = decision.site.norm?.input else { continue }
      let seen = (samples[input] ?? []).filter { $0.mean.count == channels }
      if decision.site.options.match == .data {
        var fit = GroupFit(decision.parameters, groups: decision.choice.groups)
        for sample in seen { fit.add(sample) }
        if let (scale, bias) = fit.result {
          decisions[index].plan.scale = scale
          decisions[index].plan.bias = bias
        }
      }
      let plan = decisions[index].plan
      var meter = GroupDamageMeter(
        decision.parameters, groups: plan.groups, scale: plan.scale, bias: plan.bias)
      for sample in seen { meter.add(sample) }
      own[decision.site.node] = meter.damage
    }
    forecast = DamageForecast(own: own, energies: energies, in: model)
  }

  /// Measures what has gathered at each node and at the outputs.
  mutating func measure(
    from before: Model, to after: Model, _ observer: (any SampleObserver)?
  ) throws(SurgeonError) {
    guard let observer, let forecast, !decisions.isEmpty else { return }
    var pairs: [(before: Value.ID, after: Value.ID)] = []
    var nodes: [Node.ID] = []
    for decision in decisions {
      guard let output = decision.site.norm?.output, after.isAlive(output),
        after[output].producer != nil, after[output].graph == after.mainGraph
      else { continue }
      pairs.append((output, output))
      nodes.append(decision.site.node)
    }
    let interface = zip(before[before.mainGraph].outputs, after[after.mainGraph].outputs)
    pairs += interface.map { (before: $0, after: $1) }
    let differences = try observer.differences(of: pairs, between: before, and: after)
    for (node, difference) in zip(nodes, differences) { measured[node] = difference }
    for (output, difference) in zip(interface, differences.dropFirst(nodes.count)) {
      guard let difference else { continue }
      outputs.append(
        SurgeryReport.Damage(
          output: before[output.0].name, predicted: forecast.byValue[output.0] ?? 0,
          measured: difference))
    }
  }
}
