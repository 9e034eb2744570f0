internal import SurgeonIR
internal import SurgeonRules

extension Model {
  /// Gives a BatchNormalization the measured mean and variance, and puts it into inference mode.
  ///
  /// - Throws: `impossible` where a saved statistic of the batch (opsets 1 to 13) is read, or one is
  ///   too large for its type;
  ///   `invalidData` where the channels do not agree or nothing was measured.
  mutating func setStatistics(
    _ statistics: CollectedStatistics, of site: CalibrationSite
  ) throws(SurgeonError) {
    try setStatistics(try statistics.moments(of: site), of: site)
  }

  private mutating func setStatistics(
    _ moments: Moments, of site: CalibrationSite
  ) throws(SurgeonError) {
    let norm = site.norm
    var patch = Patch(
      to: self, in: self[norm.node].graph, before: norm.node, namePrefix: site.name)
    var constants: [Value.ID] = []
    for (slot, old, numbers, name) in [
      (3, norm.mean, moments.mean, "mean"), (4, norm.variance, moments.variance, "var"),
    ] {
      let type = try rounded(numbers, for: old, of: site).elementType
      let tensor = Tensor(unrounded: numbers, as: type, shape: [numbers.count])
      let isOwn = self[old].initializer != nil && self[old].uses.count == 1
      if isOwn {
        setInitializer(tensor, of: old)
        constants.append(old)
      } else {
        let value = patch.constant(tensor, name: name)
        patch.setInput(slot, of: norm.node, to: value)
        constants.append(value)
      }
    }
    if norm.isTraining { try leaveTraining(norm, site.name, running: constants, &patch) }
    let effect = try apply(patch)
    removeValues(effect.orphanedValues)
  }

  /// Mean and variance as a file will have them.
  ///
  /// - Throws: as `setStatistics` does.
  func rounded(
    _ moments: Moments, of site: CalibrationSite
  ) throws(SurgeonError) -> (mean: Tensor, variance: Tensor) {
    (
      try rounded(moments.mean, for: site.norm.mean, of: site),
      try rounded(moments.variance, for: site.norm.variance, of: site)
    )
  }

  /// Measured numbers in the type of the statistic `old`.
  private func rounded(
    _ numbers: [Double], for old: Value.ID, of site: CalibrationSite
  ) throws(SurgeonError) -> Tensor {
    let previous = try constant(old, trustsDefaults: true)
    if let previous, previous.count != numbers.count {
      throw .misfit(of: site, measured: numbers.count, there: previous.count)
    }
    let type = previous?.elementType ?? .float32
    let tensor = Tensor(rounding: numbers, to: type, shape: [numbers.count])
    guard try tensor.isFinite() else {
      let largest = numbers.max(by: { abs($0) < abs($1) }) ?? 0
      throw SurgeonError(
        .impossible, "a statistic is too large for \(type.name)", at: ["node '\(site.name)'"],
        detail: "\(old == site.norm.mean ? "a mean" : "a variance") is \(Float(largest))",
        hint: type.bitWidth < 32
          ? "convert the model to float first" : "the activations explode: look at the data")
    }
    return tensor
  }

  /// Gives a BatchNormalization zeros for statistics, of the size that measured ones will have.
  ///
  /// - Throws: as `setStatistics` does; what reading a constant throws.
  mutating func reserveStatistics(of site: CalibrationSite) throws(SurgeonError) {
    var known = try constant(site.norm.mean, trustsDefaults: true)
    if known == nil { known = try constant(site.norm.gamma, trustsDefaults: true) }
    let zeros = Array(repeating: 0.0, count: known?.count ?? 0)
    try setStatistics(Moments(count: 1, mean: zeros, m2: zeros), of: site)
  }

  private func leaveTraining(
    _ norm: BatchNormalization, _ name: String, running: [Value.ID], _ patch: inout Patch
  ) throws(SurgeonError) {
    for (index, output) in self[norm.node].outputs.enumerated().dropFirst() {
      guard let output, !self[output].uses.isEmpty else { continue }
      // With the collected statistics the running ones do not move any more.
      guard index <= 2 else {
        throw SurgeonError(
          .impossible, "a statistic of the batch is read", at: ["node '\(name)'"],
          detail: "in inference mode nothing computes '\(self[output].name)'")
      }
      patch.replace(output, with: running[index - 1])
    }
    patch.setOutputs(of: norm.node, to: [self[norm.node].output(0)])
    if norm.opset >= 14 {
      patch.removeAttribute("training_mode", of: norm.node)
    } else if norm.opset < 7 {
      patch.setAttribute(.int("is_test", 1), of: norm.node)
    }
  }
}

extension CollectedStatistics {
  /// - Throws: `invalidData` where nothing was measured of the site.
  func moments(of site: CalibrationSite) throws(SurgeonError) -> Moments {
    guard let moments = entry(site.name)?.moments else {
      throw SurgeonError(
        .invalidData, "there are no statistics for '\(site.name)'",
        hint: "were they measured on another model?")
    }
    return moments
  }
}

extension SurgeonError {
  /// Statistics of other channels than a site has.
  static func misfit(
    of site: CalibrationSite, measured: Int, there: Int, hint: String? = nil
  ) -> SurgeonError {
    SurgeonError(
      .invalidData, "the statistics do not fit '\(site.name)'",
      detail: "\(measured) channels were measured, \(there) are there", hint: hint)
  }
}
