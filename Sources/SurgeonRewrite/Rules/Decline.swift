public import SurgeonIR

/// Why a condition or a replacement does not want the match it was given. Thrown by either; the
/// sentence is what the user reads.
public struct Decline: Error, Sendable {
  /// What a decline is about.
  public enum Place: Hashable, Sendable {
    case node(Node.ID)
    case value(Value.ID)
  }

  /// One sentence without a full stop.
  public var reason: String
  public var place: Place?
  /// What the user can do about it.
  public var remedy: String?

  public init(_ reason: String, at place: Place? = nil, remedy: String? = nil) {
    self.reason = reason
    self.place = place
    self.remedy = remedy
  }

  public init(_ reason: String, node: Node.ID, remedy: String? = nil) {
    self.init(reason, at: .node(node), remedy: remedy)
  }

  public init(_ reason: String, value: Value.ID, remedy: String? = nil) {
    self.init(reason, at: .value(value), remedy: remedy)
  }
}
