public import SurgeonIR

/// Symbolic shape and type inference over a whole model: main graph, bodies of control flow, and
/// model-local functions as they are called.
///
/// One pass in execution order, so the time is linear in the number of nodes (with the functions'
/// bodies counted once per call).
public enum ShapeInference {
  /// Infers the types of all values of `model`.
  ///
  /// An operator that is not known (a custom domain) gives its outputs no type beyond the recorded
  /// one. A node that does not fit its inputs is listed in the table's `nodeErrors`, a recorded type
  /// that contradicts the computed one in its `conflicts`; neither stops the inference.
  ///
  /// - Parameters:
  ///   - inputs: types of graph inputs, more precise than the recorded ones. A number given where
  ///     the file has a dimension name fixes that name everywhere.
  ///   - dimensions: sizes for dimension names.
  /// - Throws: `invalidData` where `inputs` names no graph input or contradicts its recorded type.
  public static func infer(
    _ model: borrowing Model, inputs: [String: ValueType] = [:], dimensions: [String: Int] = [:]
  ) throws(SurgeonError) -> TypeTable {
    let engine = InferenceEngine(
      model: copy model, table: TypeTable(valueCount: model.valueTableCount))
    engine.table.dimensions = dimensions
    try engine.bind(inputs)
    engine.inferMainGraph()
    engine.inferUncalledFunctions()
    return engine.table
  }
}

extension TypeTable {
  /// Infers anew what a patch added or changed, and whatever follows from it.
  ///
  /// The cost is that of the nodes whose types change: a rewrite that keeps the types of the values
  /// it replaces costs its own nodes. Inside a model-local function the change is followed to the
  /// end of the body and not into the calls.
  public mutating func update(_ model: borrowing Model, after effect: PatchEffect) {
    var table = TypeTable(valueCount: 0)
    swap(&table, &self)
    let engine = InferenceEngine(model: copy model, table: consume table)
    engine.propagate(from: effect.addedNodes + effect.changedNodes)
    self = engine.takeTable()
  }
}
