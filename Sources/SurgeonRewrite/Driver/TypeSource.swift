internal import SurgeonIR
internal import SurgeonShapes

/// The types of the values of a model that is being rewritten: inferred when somebody asks for the
/// first time, followed up from then on.
final class TypeSource {
  private var table: TypeTable?
  /// Why nothing could be inferred, for the report.
  private(set) var failure: SurgeonError?

  init(table: TypeTable? = nil) { self.table = table }

  func type(of value: Value.ID, in model: borrowing Model) -> ValueType? {
    if table == nil, failure == nil {
      do {
        table = try ShapeInference.infer(model)
      } catch {
        failure = error
      }
    }
    return table?[value] ?? model[value].type
  }

  func update(_ model: borrowing Model, after effect: PatchEffect) {
    table?.update(model, after: effect)
  }
}
