internal import SurgeonIR

/// What a surgery decided about all nodes that become group normalisations.
struct GroupDecisions {
  var decisions: [GroupDecision] = []
  /// Why there is no decision.
  var refusals: [Node.ID: SurgeonError] = [:]
  private(set) var outputs: [SurgeryReport.Damage] = []
  /// How many samples the damage is predicted from; nil where there were none.
  private(set) var sampleCount: Int?
  /// Relative RMS differences at the outputs.
  private var forecastAtOutputs: [Value.ID: Double] = [:]

  /// Fits gamma and beta to data where the plan says so, and predicts the damage of every decision.
  ///
  /// - Parameter model: with the decided nodes in inference mode.
  /// - Throws: `impossible` where a fit is asked for and nothing can run the model.
  mutating func fitToData(
    _ model: Model, _ observer: (any SampleObserver)?
  ) throws(SurgeonError) {
    guard let observer else {
      if decisions.contains(where: { $0.site.options.match == .data }) {
        throw SurgeonError(
          .impossible, "gamma and beta cannot be fitted to data that are not there",
          hint: "give sample data with --inputs, or leave --match at moments")
      }
      return
    }
    guard !decisions.isEmpty else { return }
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
    sampleCount = samples.values.map(\.count).max()
    var own: [Node.ID: DamageForecast.Difference] = [:]
    for index in decisions.indices {
      guard let input = decisions[index].site.norm?.input else { continue }
      decisions[index].learn(from: samples[input] ?? [])
      own[decisions[index].site.node] = decisions[index].own
    }
    let forecast = DamageForecast(own: own, energies: energies, in: model)
    for index in decisions.indices {
      decisions[index].predicted = forecast.byNode[decisions[index].site.node]
    }
    try predictOutputs(of: model, forecast, observer)
  }

  /// Runs what comes behind the last group normalisations on what these are predicted to give.
  private mutating func predictOutputs(
    of model: Model, _ forecast: DamageForecast, _ observer: any SampleObserver
  ) throws(SurgeonError) {
    let outputs = model[model.mainGraph].outputs.filter { forecast.damage(of: $0) > 0 }
    for output in outputs { forecastAtOutputs[output] = forecast.damage(of: output) }
    // What a replacement does to a sample is not known where gamma and beta are not.
    guard !decisions.contains(where: \.parameters.isUnit) else { return }
    var disturbances: [Value.ID: Disturbance] = [:]
    for decision in decisions {
      guard let output = decision.site.norm?.output, let own = decision.own,
        var disturbance = decision.disturbance, model[output].graph == model.mainGraph
      else { continue }
      let damage = forecast.damage(of: output)
      disturbance.arriving = max(0, damage * damage - own.total)
      disturbances[output] = disturbance
    }
    let predicted = try observer.differences(of: outputs, in: model, disturbing: disturbances)
    for case (let output, let damage?) in zip(outputs, predicted) {
      forecastAtOutputs[output] = damage
    }
  }

  /// Measures what has gathered at each node and at the outputs.
  mutating func measure(
    from before: Model, to after: Model, _ observer: (any SampleObserver)?
  ) throws(SurgeonError) {
    guard let observer, !decisions.isEmpty else { return }
    var pairs: [(before: Value.ID, after: Value.ID)] = []
    var measured: [Int] = []
    for (index, decision) in decisions.enumerated() {
      guard let output = decision.site.norm?.output, after.isAlive(output),
        after[output].producer != nil, after[output].graph == after.mainGraph
      else { continue }
      pairs.append((output, output))
      measured.append(index)
    }
    let interface = zip(before[before.mainGraph].outputs, after[after.mainGraph].outputs)
    pairs += interface.map { (before: $0, after: $1) }
    let differences = try observer.differences(of: pairs, between: before, and: after)
    for (index, difference) in zip(measured, differences) { decisions[index].measured = difference }
    for (output, difference) in zip(interface, differences.dropFirst(measured.count)) {
      guard let difference else { continue }
      outputs.append(
        SurgeryReport.Damage(
          output: before[output.0].name, predicted: forecastAtOutputs[output.0] ?? 0,
          measured: difference, decidingOperator: before.decidingOperator(behind: output.0)))
    }
  }
}
