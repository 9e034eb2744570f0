internal import SurgeonCalibrate
internal import SurgeonVerify

/// What `surgeon calibrate` did.
struct CalibrationOutcome {
  var statistics: CollectedStatistics?
  var statisticsPath: String?
  var report: CalibrationReport?
  /// The outputs before and after, on the data.
  var drift: VerificationReport?
  var outputPath: String?
  var warnings: [String] = []
}
