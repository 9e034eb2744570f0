internal import SurgeonIR
internal import SurgeonShapes

/// A model with the plan by which it is cut into stages.
struct StagedNetwork: Sendable {
  let model: Model
  /// As far as known without samples.
  let types: TypeTable
  private(set) var plan: CalibrationPlan

  /// - Parameters:
  ///   - seen: for BatchNormalizations that do not see what they read, what they see.
  ///   - dimensions: as in `SessionOptions`.
  /// - Throws: what inferring shapes and reading constants throw.
  init(
    _ model: Model, seeing seen: [Node.ID: Value.ID] = [:], dimensions: [String: Int]
  ) throws(SurgeonError) {
    self.model = model
    types = try ShapeInference.infer(model, dimensions: dimensions)
    plan = try CalibrationPlan(model, seeing: seen)
  }

  /// Types and shapes with inputs as `given`.
  ///
  /// - Throws: what inferring shapes throws.
  func types(
    for given: [String: ValueType], dimensions: [String: Int]
  ) throws(SurgeonError) -> TypeTable {
    let inputs = model[model.mainGraph].inputs
    let areDeclared = given.allSatisfy { name, type in
      inputs.contains { model[$0].name == name && types[$0] == type }
    }
    return areDeclared
      ? types : try ShapeInference.infer(model, inputs: given, dimensions: dimensions)
  }

  /// The network for samples that give the inputs `names` (see `CalibrationPlan.feeding`).
  func feeding(_ names: some Collection<String>) throws(SurgeonError) -> StagedNetwork {
    var result = self
    result.plan = try plan.feeding(names, in: model)
    return result
  }

  /// The network that leaves less to keep between its stages (see `PooledSites`).
  func poolingFirst(dimensions: [String: Int]) throws(SurgeonError) -> StagedNetwork {
    let pooled = try PooledSites(model, types: types)
    if pooled.seen.isEmpty { return self }
    return try StagedNetwork(pooled.model, seeing: pooled.seen, dimensions: dimensions)
  }
}
