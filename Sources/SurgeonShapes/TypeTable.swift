public import SurgeonIR

/// What is known of the values of one model: types and, for the small tensors that models compute
/// shapes with, numbers.
///
/// Made by `ShapeInference.infer`, kept up to date by `update`.
public struct TypeTable: Sendable {
  var types: ContiguousArray<ValueType?>
  var contents: [Value.ID: Contents] = [:]
  /// Sizes that were given for dimension names.
  var dimensions: [String: Int] = [:]

  var failures: [Node.ID: SurgeonError] = [:]
  var contradictions: [Value.ID: SurgeonError] = [:]

  /// Nodes whose inputs do not fit their operator, each named with the shapes at fault. Their
  /// outputs have the types that the file records, if any.
  public var nodeErrors: [SurgeonError] {
    failures.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Values whose recorded type contradicts what their operator computes. The table holds what is
  /// computed: the record has no say when the model runs.
  public var conflicts: [SurgeonError] {
    contradictions.sorted { $0.key < $1.key }.map(\.value)
  }

  init(valueCount: Int) {
    types = ContiguousArray(repeating: nil, count: valueCount)
  }

  /// The type of a value: what its operator computes, completed by what the file records; nil where
  /// neither is known.
  ///
  /// A tensor whose shape is known but not its element type has the element type `undefined`.
  public subscript(value: Value.ID) -> ValueType? {
    Int(value.raw) < types.count ? types[Int(value.raw)] : nil
  }

  /// The number of dimensions of a tensor, where known.
  public func rank(_ value: Value.ID) -> Int? { self[value]?.rank }

  /// The shape of a tensor, where the rank is known.
  public func shape(_ value: Value.ID) -> Shape? { self[value]?.shape }

  /// The numbers of a small tensor that some node computes and that could be followed. An
  /// initializer's numbers are its own.
  public func contents(of value: Value.ID) -> Contents? { contents[value] }
}
