internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// What a stage measures of the values that come by while it runs.
struct StageGauge: Sendable {
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

  private let measured: [Value.ID: Measured]
  /// The values that are measured.
  let observed: Set<Value.ID>

  init(_ stage: CalibrationStage) {
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
    observed = Set(measured.keys)
  }

  /// Measures what comes by in one run, while it is still in the caches.
  struct Reading {
    private let gauge: StageGauge
    private let samples: [Int]
    private let threads: Int
    private var found: Set<Value.ID> = []
    private(set) var seen: [Seen] = []

    init(_ gauge: StageGauge, of samples: [Int], threads: Int) {
      self.gauge = gauge
      self.samples = samples
      self.threads = threads
    }

    /// - Throws: `invalidData` where what a site sees is not finite.
    mutating func take(_ id: Value.ID, _ value: RuntimeValue) throws(SurgeonError) {
      guard let measured = gauge.measured[id], found.insert(id).inserted else { return }
      if let first = measured.sites.first {
        let moments = try measure(value, at: first, by: moments)
        seen += measured.sites.map { .moments(moments, $0) }
      }
      for (source, site) in measured.sources.sorted(by: { $0.key.groups < $1.key.groups }) {
        let coMoments = try measure(value, at: site) {
          (value) throws(SurgeonError) -> ChannelCoMoments in
          try ChannelCoMoments(of: value, groups: source.groups, threads: threads)
        }
        seen.append(.coMoments(coMoments, source))
      }
    }

    /// - Throws: `broken` where something did not come by.
    func requireAll() throws(SurgeonError) {
      guard let missing = gauge.measured.first(where: { !found.contains($0.key) })?.value else {
        return
      }
      let site = missing.sites.first ?? missing.sources.values.first
      throw SurgeonError(.broken, "the input of '\(site?.name ?? "")' was not computed")
    }

    private func measure<M: MaybeFinite>(
      _ value: RuntimeValue, at site: CalibrationSite,
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
          at: ["sample \(try notFinite(value))", "node '\(site.name)'"],
          detail: "its numbers are too large or NaN, though those of the sample are finite")
      }
      return moments
    }

    private func moments(of value: RuntimeValue) throws(SurgeonError) -> Moments {
      Moments(try ChannelMoments(of: value, threads: threads))
    }

    /// Which of the samples in `value` is not finite.
    private func notFinite(_ value: RuntimeValue) throws(SurgeonError) -> Int {
      let rows = (value.shape?.first ?? 0) / samples.count
      for (index, sample) in samples.enumerated().dropLast() {
        guard let part = try value.rows(index * rows..<(index + 1) * rows) else { break }
        if try !moments(of: part).isFinite { return sample }
      }
      return samples.last ?? 0
    }
  }
}

private protocol MaybeFinite {
  var isFinite: Bool { get }
}

extension Moments: MaybeFinite {
  fileprivate var isFinite: Bool { mean.allSatisfy(\.isFinite) && m2.allSatisfy(\.isFinite) }
}

extension ChannelCoMoments: MaybeFinite {}
