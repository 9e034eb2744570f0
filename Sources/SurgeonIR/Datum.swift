/// What flows along an edge when a model runs: a tensor, or one of the standard's compound values.
public indirect enum Datum: Sendable {
  case tensor(Tensor)
  case sparseTensor(SparseTensor)
  /// Elements of one type; `elementType` is needed where there are none.
  case sequence([Datum], elementType: ValueType?)
  /// A value or its absence.
  case optional(Datum?, elementType: ValueType?)
  /// Keys (integers or strings, as a tensor of rank 1) and as many values of one type.
  case map(keys: Tensor, values: [Datum])

  /// The tensor, where it is one.
  public var tensor: Tensor? {
    if case .tensor(let tensor) = self { tensor } else { nil }
  }
}
