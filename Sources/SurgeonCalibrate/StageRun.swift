internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// A stage made ready to run, on one sample or on several as one.
struct StageRun {
  private let stage: CalibrationStage
  let session: Session
  private let wanted: Set<String>
  private let sites: [Value.ID: [CalibrationSite]]

  /// - Parameters:
  ///   - pool: shared by all stages, whose values go from one to the next.
  init(
    _ stage: CalibrationStage, of model: Model, types: TypeTable, options: SessionOptions,
    pool: BufferPool
  ) throws(SurgeonError) {
    self.stage = stage
    sites = Dictionary(grouping: stage.sites, by: \.norm.input)
    var options = options
    options.optimize = true
    session = try Session(
      stage.part, of: model, types: types, observing: Set(sites.keys), options: options, pool: pool)
    wanted = Set(session.inputs.map(\.name))
  }

  /// Runs the stage and measures nothing.
  ///
  /// - Returns: the outputs of the stage, by name.
  func compute(
    _ inputs: [String: RuntimeValue]
  ) throws(SurgeonError) -> [(name: String, value: RuntimeValue)] {
    let inputs = inputs.filter { wanted.contains($0.key) }
    return try session.run(layouts: inputs, observing: []) { (_, _) throws(SurgeonError) in }
  }

  /// Runs the stage and adds what its sites see, while it is still in the caches.
  ///
  /// - Returns: the outputs of the stage, by name.
  /// - Throws: `invalidData` where what a site sees is not finite.
  func measure(
    _ inputs: [String: RuntimeValue], samples: [Int], into statistics: inout CollectedStatistics
  ) throws(SurgeonError) -> [(name: String, value: RuntimeValue)] {
    var seen: Set<Value.ID> = []
    let outputs = try session.run(
      layouts: inputs.filter { wanted.contains($0.key) }, observing: Set(sites.keys)
    ) { (id, value) throws(SurgeonError) in
      seen.insert(id)
      try measure(value, at: sites[id] ?? [], samples: samples, into: &statistics)
    }
    if let missing = stage.sites.first(where: { !seen.contains($0.norm.input) }) {
      throw SurgeonError(.broken, "the input of '\(missing.name)' was not computed")
    }
    return outputs
  }

  private func measure(
    _ value: RuntimeValue, at sites: [CalibrationSite], samples: [Int],
    into statistics: inout CollectedStatistics
  ) throws(SurgeonError) {
    guard let first = sites.first else { return }
    let moments: Moments
    do throws(SurgeonError) {
      moments = try self.moments(of: value)
    } catch {
      throw error.within("node '\(first.name)'").within("sample \(samples[0])")
    }
    guard moments.isFinite else {
      throw SurgeonError(
        .invalidData, "the input of a BatchNormalization is not finite",
        at: ["sample \(try notFinite(value, samples))", "node '\(first.name)'"],
        detail: "its numbers are too large or NaN, though those of the sample are finite")
    }
    for site in sites { statistics.add(moments, to: site.name, group: site.group) }
  }

  private func moments(of value: RuntimeValue) throws(SurgeonError) -> Moments {
    let measured = try ChannelMoments(of: value, threads: session.options.threads)
    return Moments(count: measured.count, mean: measured.mean, m2: measured.m2)
  }

  /// Which of the samples in `value` is not finite.
  private func notFinite(
    _ value: RuntimeValue, _ samples: [Int]
  ) throws(SurgeonError) -> Int {
    let rows = (value.shape?.first ?? 0) / samples.count
    for (index, sample) in samples.enumerated().dropLast() {
      guard let part = value.rows(index * rows..<(index + 1) * rows) else { break }
      if try !moments(of: part).isFinite { return sample }
    }
    return samples.last ?? 0
  }
}

extension Moments {
  fileprivate var isFinite: Bool { mean.allSatisfy(\.isFinite) && m2.allSatisfy(\.isFinite) }
}
