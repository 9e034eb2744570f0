internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// Puts together what a stage measures, batch after batch.
struct StageTally {
  /// What a site sees that was known before its group.
  struct Told {
    var site: CalibrationSite
    var moments: Moments
  }

  private let stage: CalibrationStage
  private let threads: Int
  /// By the BatchNormalization whose input they are of.
  private var moments: [Node.ID: Moments] = [:]
  private var coMoments: [PointwiseConvolution.Source: ChannelCoMoments] = [:]
  /// That earlier work, which comes from a file, does not fit what is measured now.
  private var misfit: SurgeonError?

  /// - Parameters:
  ///   - earlier: with what was measured of the samples before.
  ///   - threads: as in `SessionOptions`.
  init(_ stage: CalibrationStage, after earlier: CollectedStatistics? = nil, threads: Int) {
    self.stage = stage
    self.threads = threads
    for site in stage.sites { moments[site.norm.node] = earlier?.entry(site.name)?.moments }
  }

  /// Takes in what was measured of the samples that come next.
  mutating func add(_ seen: [StageGauge.Seen]) {
    for found in seen {
      switch found {
      case .moments(let new, let site):
        let node = site.norm.node
        guard let before = moments[node] else {
          moments[node] = new
          continue
        }
        if before.mean.count == new.mean.count {
          moments[node] = before.merged(with: new)
        } else {
          misfit = .misfit(
            of: site, measured: before.mean.count, there: new.mean.count,
            hint: "measure anew, with another file for --stats")
        }
      case .coMoments(let new, let source):
        if coMoments[source]?.merge(new) == nil { coMoments[source] = new }
      }
    }
  }

  /// Writes down what is known of the sites of the stage.
  ///
  /// - Throws: `invalidData` where samples before had other channels; what reading weights throws.
  func record(in statistics: inout CollectedStatistics) throws(SurgeonError) {
    if let misfit { throw misfit }
    for site in stage.sites {
      guard let moments = try moments(at: site) else { continue }
      statistics.set(moments, of: site.name, group: site.group)
    }
  }

  /// What was measured of a site, or follows from co-moments once all samples are in; nil where nothing does.
  private func moments(at site: CalibrationSite) throws(SurgeonError) -> Moments? {
    if let measured = moments[site.norm.node] { return measured }
    let seen = site.seen
    if let convolution = stage.unrun[seen] {
      return try coMoments[convolution.source].map { measured throws(SurgeonError) in
        try convolution.moments(measured, threads: threads)
      }
    }
    let ahead = stage.ahead.first { $0.source.value == seen }
    return ahead.flatMap { coMoments[$0.source] }.map { Moments($0.moments) }
  }

  /// What is known of the next group.
  ///
  /// - Parameter statistics: with those of the stage.
  /// - Throws: what reading weights throws.
  func ahead(
    _ statistics: CollectedStatistics
  ) throws(SurgeonError) -> [Told] {
    var result: [Told] = []
    for next in stage.ahead {
      guard let measured = coMoments[next.source],
        let own = statistics.entry(next.before.name)?.moments
      else { continue }
      result.append(
        Told(
          site: next.site,
          moments: try next.moments(measured, normalizedBy: own, threads: threads)))
    }
    return result
  }
}

extension CollectedStatistics {
  mutating func set(_ told: [StageTally.Told]) {
    for found in told { set(found.moments, of: found.site.name, group: found.site.group) }
  }
}
