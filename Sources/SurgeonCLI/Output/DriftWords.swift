internal import SurgeonVerify

/// How far numbers lie apart, in a few words.
enum DriftWords {
  /// `relative error 1.2e-03`, or how many elements have no error that is a number.
  static func text(_ drift: Drift) -> String {
    let mismatches = drift.nonFiniteMismatches
    guard mismatches > 0 else { return "relative error \(NumberText.error(drift.relative))" }
    return "\(NumberText.count(mismatches)) of \(NumberText.count(drift.count, "element")) NaN, "
      + "infinite or unequal"
  }
}
