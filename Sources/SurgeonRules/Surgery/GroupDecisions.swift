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
  private(set) var forecastAtOutputs: [Value.ID: Double] = [:]
  /// How many samples the forecast is from; nil where it is from the running statistics.
  private(set) var sampleCount: Int?
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
      let expected = decisions.map { decision in
        let damage = decision.choice.predictedDamage
        return (decision.site.node, DamageForecast.Difference(rest: damage * damage))
      }
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
    var alone: [Node.ID: DamageForecast.Difference] = [:]
    var changes: [Node.ID: [ChannelAffine]] = [:]
    var deviations: [Node.ID: [Double]] = [:]
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
      let node = decision.site.node
      var meter = GroupDamageMeter(
        decision.parameters, groups: plan.groups, scale: plan.scale, bias: plan.bias)
      for sample in seen { meter.add(sample) }
      changes[node] = seen.map { meter.change(in: $0) }
      deviations[node] = meter.deviations
      sampleCount = max(sampleCount ?? 0, seen.count)
      guard let damage = meter.damage, let ofScale = meter.damageOfScale else { continue }
      own[node] = damage
      alone[node] = DamageForecast.Difference(
        scale: ofScale * ofScale, rest: max(0, damage * damage - ofScale * ofScale))
    }
    let forecast = DamageForecast(own: alone, energies: energies, in: model)
    self.forecast = forecast
    try predictOutputs(of: model, forecast, changes, deviations, observer)
  }

  /// Runs what comes behind the last group normalisations on what these are predicted to give.
  private mutating func predictOutputs(
    of model: Model, _ forecast: DamageForecast, _ changes: [Node.ID: [ChannelAffine]],
    _ deviations: [Node.ID: [Double]], _ observer: any SampleObserver
  ) throws(SurgeonError) {
    // What a replacement does to a sample is not known where gamma and beta are not.
    guard !decisions.contains(where: \.parameters.isUnit) else { return }
    var disturbances: [Value.ID: Disturbance] = [:]
    for decision in decisions {
      let node = decision.site.node
      guard let output = decision.site.norm?.output, let changes = changes[node],
        let own = own[node], model[output].graph == model.mainGraph
      else { continue }
      let damage = forecast.damage(of: output)
      disturbances[output] = Disturbance(
        changes: changes, deviations: deviations[node] ?? [],
        arriving: max(0, damage * damage - own * own))
    }
    let outputs = model[model.mainGraph].outputs.filter { forecast.damage(of: $0) > 0 }
    let predicted = try observer.differences(of: outputs, in: model, disturbing: disturbances)
    for (output, damage) in zip(outputs, predicted) { forecastAtOutputs[output] = damage }
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
          output: before[output.0].name,
          predicted: forecastAtOutputs[output.0] ?? forecast.damage(of: output.0),
          measured: difference))
    }
  }
}
