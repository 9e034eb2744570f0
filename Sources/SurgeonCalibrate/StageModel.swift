internal import SurgeonIR

/// The model that stages are parts of, as far as it is calibrated.
///
/// What is the same for every stage and every worker is done to it once.
struct StageModel {
  private(set) var plain: Model
  /// With shapes that leave the number of rows open; nil where there are none to open, or samples cannot
  /// run as one.
  private(set) var free: Model?

  /// - Throws: what editing the model throws.
  init(_ network: StagedNetwork, _ independence: SampleIndependence?) throws(SurgeonError) {
    plain = network.model
    free = try independence?.free(network.model)
  }

  /// Gives BatchNormalizations what was measured of them.
  ///
  /// - Throws: what `Model.setStatistics` throws.
  mutating func setStatistics(
    _ statistics: CollectedStatistics, of sites: [CalibrationSite]
  ) throws(SurgeonError) {
    for site in sites {
      try plain.setStatistics(statistics, of: site)
      try free?.setStatistics(statistics, of: site)
    }
  }
}
