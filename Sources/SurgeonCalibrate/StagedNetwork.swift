internal import SurgeonIR
internal import SurgeonShapes
internal import Synchronization

/// A model with the plan by which it is cut into stages.
struct StagedNetwork: Sendable {
  let model: Model
  private(set) var plan: CalibrationPlan
  private let dimensions: [String: Int]
  private let declared = DeclaredTypes()

  /// - Parameters:
  ///   - seen: for BatchNormalizations that do not see what they read, what they see.
  ///   - dimensions: as in `SessionOptions`.
  /// - Throws: what reading constants throws.
  init(
    _ model: Model, seeing seen: [Node.ID: Value.ID] = [:], dimensions: [String: Int]
  ) throws(SurgeonError) {
    self.model = model
    self.dimensions = dimensions
    plan = try CalibrationPlan(model, seeing: seen)
  }

  /// Types and shapes as far as known without samples.
  ///
  /// - Throws: what inferring shapes throws.
  var types: TypeTable {
    get throws(SurgeonError) { try declared.types(of: model, dimensions) }
  }

  /// Types and shapes with inputs as `given`.
  ///
  /// - Throws: what inferring shapes throws.
  func types(for given: [String: ValueType]) throws(SurgeonError) -> TypeTable {
    let inputs = model[model.mainGraph].inputs
    let areDeclared = given.allSatisfy { name, type in
      inputs.contains { model[$0].name == name && model[$0].type == type }
    }
    return areDeclared
      ? try types : try ShapeInference.infer(model, inputs: given, dimensions: dimensions)
  }

  /// The network for samples that give the inputs `names` (see `CalibrationPlan.feeding`).
  func feeding(_ names: some Collection<String>) throws(SurgeonError) -> StagedNetwork {
    var result = self
    result.plan = try plan.feeding(names, in: model)
    return result
  }

  /// The network that leaves less to keep between its stages (see `PooledSites`).
  func poolingFirst() throws(SurgeonError) -> StagedNetwork {
    // Where no pool can move, nobody has to know the types.
    guard model.nodes(of: model.mainGraph).contains(where: { model[$0].opType == "MaxPool" }) else {
      return self
    }
    let pooled = try PooledSites(model, types: types)
    if pooled.seen.isEmpty { return self }
    return try StagedNetwork(pooled.model, seeing: pooled.seen, dimensions: dimensions)
  }
}

/// What a model declares of its values: inferred when somebody asks, once.
private final class DeclaredTypes: Sendable {
  private let known = Mutex<TypeTable?>(nil)

  func types(
    of model: Model, _ dimensions: [String: Int]
  ) throws(SurgeonError) -> TypeTable {
    try known.withLock { known throws(SurgeonError) in
      if let known { return known }
      let types = try ShapeInference.infer(model, dimensions: dimensions)
      known = types
      return types
    }
  }
}
