internal import SurgeonIR
public import SurgeonRules

/// A BatchNormalization whose statistics are measured.
public struct CalibrationSite: Sendable {
  public var norm: BatchNormalization
  /// The value that it sees, whose statistics are measured: in the model what it reads.
  var seen: Value.ID
  /// The node's name, or that of its first output.
  public var name: String
  /// How many BatchNormalizations stand before it on the longest way from an input. Those of one
  /// group do not depend on one another.
  public var group: Int
}

/// A BatchNormalization that is left as it is.
public struct SkippedSite: Sendable {
  public var name: String
  public var reason: String
}
