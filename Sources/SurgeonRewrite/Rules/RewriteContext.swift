public import SurgeonIR
internal import SurgeonShapes

/// What a condition or a replacement may look at: the model as it is, what is known of its types,
/// and the policy of the run. It lives for one call; do not keep it.
public struct RewriteContext {
  /// The model before the patch. Holding on to it makes the next edit copy the whole arena.
  public let model: Model
  /// The graph in which the root of the match stands, and to which the patch adds.
  public let graph: Graph.ID
  public let policy: RewritePolicy
  let types: TypeSource

  /// The operator-set version that applies in the graph; nil where the domain is not imported.
  public func opset(_ domain: String = "") -> Int? { model.opset(domain, in: graph) }

  /// The constant that a value is, under the policy of the run.
  public func constant(_ value: Value.ID) throws(SurgeonError) -> Tensor? {
    try model.constant(value, trustsDefaults: policy.trustsDefaults)
  }

  /// The inferred type of a value, or the recorded one; nil where neither is known. The inference
  /// runs when the first rule asks.
  public func type(_ value: Value.ID) -> ValueType? { types.type(of: value, in: model) }

  public func rank(_ value: Value.ID) -> Int? { type(value)?.rank }
  public func shape(_ value: Value.ID) -> Shape? { type(value)?.shape }
  public func elementType(_ value: Value.ID) -> ElementType? {
    let elementType = type(value)?.elementType
    return elementType == .undefined ? nil : elementType
  }
}

/// What a run of rules may assume.
public struct RewritePolicy: Sendable {
  /// Takes initializers that a caller may override (graph inputs with a default, from IR version 4
  /// on) for constants.
  public var trustsDefaults = false

  public init(trustsDefaults: Bool = false) { self.trustsDefaults = trustsDefaults }
}
