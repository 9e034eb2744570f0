public import SurgeonIR

/// A value, seen while the model runs.
public struct Observation: Sendable {
  public let value: Value.ID
  public let name: String
  /// The value in plain layout. Keep it only as long as needed: it is a buffer of the session.
  public let datum: Datum
}

/// How long one node of the main graph took.
public struct NodeTiming: Sendable {
  public let node: Node.ID
  public let name: String
  public let opType: String
  /// Whose kernel ran: "fast", "fast, fused", "reference" or "control flow". A fast kernel hands values
  /// that it has no code for to the reference engine.
  public let engine: String
  public let duration: Duration
  /// Copies between the fast engine's arrangements that the node needed, those of its inputs
  /// included.
  public let reorders: Int

  init(_ node: NodeDescription, engine: String, duration: Duration, reorders: Int) {
    self.node = node.id
    name = node.name
    opType = node.opType
    self.engine = engine
    self.duration = duration
    self.reorders = reorders
  }
}
