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
  private var coMoments: [PointwiseConvolution.Source: ChannelCoMoments] = [:]

  /// - Parameter threads: as in `SessionOptions`.
  init(_ stage: CalibrationStage, threads: Int) {
    self.stage = stage
    self.threads = threads
  }

  /// Takes in what was measured of the samples that come next: moments go to `statistics` at once.
  mutating func add(_ seen: [StageRun.Seen], to statistics: inout CollectedStatistics) {
    for found in seen {
      switch found {
      case .moments(let moments, let site):
        statistics.add(moments, to: site.name, group: site.group)
      case .coMoments(let moments, let source):
        if coMoments[source]?.merge(moments) == nil { coMoments[source] = moments }
      }
    }
  }

  /// Adds what follows from co-moments for the sites of the stage, once all samples are in.
  ///
  /// - Throws: what reading weights throws.
  func finish(_ statistics: inout CollectedStatistics) throws(SurgeonError) {
    for site in stage.sites {
      guard let moments = try moments(at: site) else { continue }
      statistics.add(moments, to: site.name, group: site.group)
    }
  }

  /// What follows from co-moments for a site; nil where its moments were measured themselves.
  private func moments(at site: CalibrationSite) throws(SurgeonError) -> Moments? {
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
  mutating func add(_ told: [StageTally.Told]) {
    for found in told { add(found.moments, to: found.site.name, group: found.site.group) }
  }
}
