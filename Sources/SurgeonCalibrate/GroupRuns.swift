internal import SurgeonIR

/// How the samples of sequential mode go through the network, from one group of sites to the next.
protocol GroupRuns {
  /// What is measured of each group.
  var stages: [CalibrationStage] { get }

  /// Brings all samples to what the sites of the next group see.
  ///
  /// - Parameters:
  ///   - isMeasuring: false where it is known what the sites see, and the samples only have to come by.
  ///   - isInterrupted: asked between batches; true ends the work.
  ///   - take: called with what was measured of each batch, in the order of the samples.
  ///   - progress: called with how many samples are there.
  /// - Throws: what reading and running throw.
  mutating func advance(
    measuring isMeasuring: Bool, unless isInterrupted: () -> Bool,
    handing take: ([StageGauge.Seen]) -> Void, progress: (Int) -> Void
  ) throws(SurgeonError) -> GroupRunsEnd

  /// Ends the group.
  ///
  /// - Parameter statistics: with those of the group, which its sites normalise with from now on.
  /// - Throws: `invalidData` where they do not fit the network; `impossible` where one is too large for the
  ///   type that the network has it in.
  mutating func finish(with statistics: CollectedStatistics) throws(SurgeonError)
}

/// How bringing samples to a group ended.
enum GroupRunsEnd {
  case complete
  case interrupted
  /// The samples are not what these runs are for; nothing has been measured.
  case unsuitable
}
