public import SurgeonIR

/// A place where a pattern matches: what each capture stands for, and the nodes that took part.
/// Holds no graph.
public struct Match: Sendable {
  /// The node at the root of the pattern, or of its first root.
  public let root: Node.ID
  /// The nodes at the roots, in the order of the rule's patterns.
  public let roots: [Node.ID]
  /// Every node that an operator of the pattern matched, roots included.
  public let nodes: [Node.ID]
  /// The root's value: what the pattern computes.
  public let output: Value.ID
  /// The node by which a user selects the match: the rule's subject, or the root.
  public let subject: Node.ID
  let names: [String]
  let bindings: [Binding?]

  /// What a capture stands for.
  ///
  /// - Precondition: the capture is bound. In an alternative that was not taken it is not; capture
  ///   an optional there.
  public subscript<Bound: CaptureType>(capture: Capture<Bound>) -> Bound {
    guard let bound = Bound.read(binding(capture.name)) else {
      preconditionFailure("nothing is bound to the capture '\(capture.name)'")
    }
    return bound
  }

  /// The value behind a captured constant, to use it again as it is; nil where the optional input
  /// is left out.
  public func value(of capture: Capture<Tensor>) -> Value.ID? {
    Value.ID.read(binding(capture.name))
  }

  /// The same for a constant that may be absent.
  public func value(of capture: Capture<Tensor?>) -> Value.ID? {
    Value.ID.read(binding(capture.name))
  }

  /// What is bound to a name, for rules that are made from data.
  public func binding(_ name: String) -> Binding? {
    names.firstIndex(of: name).flatMap { bindings[$0] }
  }
}
