internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// Puts together what a stage measures, batch after batch.
struct StageTally {
  private let stage: CalibrationStage
  private var coMoments: [PointwiseConvolution.Source: ChannelCoMoments] = [:]

  init(_ stage: CalibrationStage) { self.stage = stage }

  /// Takes in what was measured of the samples that come next.
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

  /// Adds what follows for the sites behind convolutions that did not run, once all samples are in.
  ///
  /// - Throws: what reading the weights throws.
  func finish(_ statistics: inout CollectedStatistics) throws(SurgeonError) {
    for site in stage.sites {
      guard let convolution = stage.unrun[site.norm.input],
        let measured = coMoments[convolution.source]
      else { continue }
      let found = try convolution.moments(measured)
      statistics.add(
        Moments(count: found.count, mean: found.mean, m2: found.m2), to: site.name,
        group: site.group)
    }
  }
}
