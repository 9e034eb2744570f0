internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonShapes

/// A stage made ready to run, on one sample or on several as one.
final class StageRun: Sendable {
  /// What was measured of some samples.
  enum Seen {
    /// What one site saw.
    case moments(Moments, CalibrationSite)
    /// What convolutions read that did not run.
    case coMoments(ChannelCoMoments, PointwiseConvolution.Source)
  }

  /// What is measured of one value.
  private struct Measured {
    /// The sites that see it.
    var sites: [CalibrationSite] = []
    /// For each source of convolutions that it is a site behind one of them.
    var sources: [PointwiseConvolution.Source: CalibrationSite] = [:]
  }

  private let stage: CalibrationStage
  private let prepare: @Sendable (Model) throws(SurgeonError) -> Session
  /// Runs the stage with any number of rows.
  let session: Session
  /// The model as it is, and the rows of a sample that it is to be run with, where `session` runs
  /// one that leaves them open.
  private let fixed: (model: Model, rows: Int)?
  private let wanted: Set<String>
  private let measured: [Value.ID: Measured]
  private let observed: Set<Value.ID>

  /// - Parameters:
  ///   - independence: where several samples are to run as one.
  ///   - pool: shared by all stages, whose values go from one to the next.
  init(
    _ stage: CalibrationStage, of model: StageModel, types: TypeTable,
    independence: SampleIndependence?,
    options: SessionOptions, pool: BufferPool
  ) throws(SurgeonError) {
    self.stage = stage
    var measured: [Value.ID: Measured] = [:]
    for site in stage.ahead {
      measured[site.source.value, default: Measured()].sources[site.source] = site.before
    }
    let isMeasured = Set(measured.keys)
    for site in stage.sites {
      if let source = stage.unrun[site.seen]?.source {
        measured[source.value, default: Measured()].sources[source] = site
      } else if !isMeasured.contains(site.seen) {
        measured[site.seen, default: Measured()].sites.append(site)
      }
    }
    self.measured = measured
    let observed = Set(measured.keys)
    self.observed = observed
    var options = options
    options.optimize = true
    prepare = { [options] (model) throws(SurgeonError) in
      try Session(
        stage.part, of: model, types: types, observing: observed, consuming: stage.lastUses,
        options: options, pool: pool)
    }
    if let independence, let free = model.free, independence.isFreed(stage.part) {
      session = try prepare(free)
      fixed = (model.plain, independence.rows)
    } else {
      session = try prepare(model.plain)
      fixed = nil
    }
    wanted = Set(session.inputs.map(\.name))
  }

  /// The session for what is given: samples that differ from the first in their rows are for the
  /// model as it is.
  private func session(
    for inputs: [String: RuntimeValue], count: Int
  ) throws(SurgeonError) -> Session {
    guard let fixed, inputs.values.contains(where: { $0.shape?.first != fixed.rows * count }) else {
      return session
    }
    return try prepare(fixed.model)
  }

  /// Runs the stage and measures what its sites see while it is still in the caches.
  ///
  /// - Returns: the outputs of the stage by name, and the moments, none where nothing is to be
  ///   measured.
  /// - Throws: `invalidData` where what a site sees is not finite.
  func run(
    _ values: [String: RuntimeValue], of samples: [Int], measuring isMeasuring: Bool
  ) throws(SurgeonError) -> (outputs: [(name: String, value: RuntimeValue)], seen: [Seen]) {
    let inputs = values.filter { wanted.contains($0.key) }
    var found: Set<Value.ID> = []
    var seen: [Seen] = []
    let outputs = try session(for: inputs, count: samples.count).run(
      layouts: inputs, observing: isMeasuring ? observed : []
    ) { (id, value) throws(SurgeonError) in
      guard let measured = measured[id], found.insert(id).inserted else { return }
      if let first = measured.sites.first {
        let moments = try measure(value, at: first, samples, by: moments)
        seen += measured.sites.map { .moments(moments, $0) }
      }
      for (source, site) in measured.sources.sorted(by: { $0.key.groups < $1.key.groups }) {
        let coMoments = try measure(value, at: site, samples) {
          (value) throws(SurgeonError) -> ChannelCoMoments in
          try ChannelCoMoments(
            of: value, groups: source.groups, threads: session.options.threads)
        }
        seen.append(.coMoments(coMoments, source))
      }
    }
    if isMeasuring, let missing = measured.first(where: { !found.contains($0.key) })?.value {
      let site = missing.sites.first ?? missing.sources.values.first
      throw SurgeonError(.broken, "the input of '\(site?.name ?? "")' was not computed")
    }
    return (outputs, seen)
  }

  private func measure<M: MaybeFinite>(
    _ value: RuntimeValue, at site: CalibrationSite, _ samples: [Int],
    by measuring: (RuntimeValue) throws(SurgeonError) -> M
  ) throws(SurgeonError) -> M {
    let moments: M
    do throws(SurgeonError) {
      moments = try measuring(value)
    } catch {
      throw error.within("node '\(site.name)'").within("sample \(samples[0])")
    }
    guard moments.isFinite else {
      throw SurgeonError(
        .invalidData, "the input of a BatchNormalization is not finite",
        at: ["sample \(try notFinite(value, samples))", "node '\(site.name)'"],
        detail: "its numbers are too large or NaN, though those of the sample are finite")
    }
    return moments
  }

  private func moments(of value: RuntimeValue) throws(SurgeonError) -> Moments {
    Moments(try ChannelMoments(of: value, threads: session.options.threads))
  }

  /// Which of the samples in `value` is not finite.
  private func notFinite(
    _ value: RuntimeValue, _ samples: [Int]
  ) throws(SurgeonError) -> Int {
    let rows = (value.shape?.first ?? 0) / samples.count
    for (index, sample) in samples.enumerated().dropLast() {
      guard let part = try value.rows(index * rows..<(index + 1) * rows) else { break }
      if try !moments(of: part).isFinite { return sample }
    }
    return samples.last ?? 0
  }
}

private protocol MaybeFinite {
  var isFinite: Bool { get }
}

extension Moments: MaybeFinite {
  fileprivate var isFinite: Bool { mean.allSatisfy(\.isFinite) && m2.allSatisfy(\.isFinite) }
}

extension ChannelCoMoments: MaybeFinite {}
