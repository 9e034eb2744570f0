/// What a rule promises about the outputs of the model that it rewrites.
public enum Fidelity: String, Hashable, Sendable, CaseIterable {
  /// The same numbers, bit by bit.
  case exact
  /// The same function; the numbers differ by rounding.
  case rounding
  /// Equal at the initial state; afterwards a recurrence that is checked against its reference.
  case stateful
  /// Another function, close to the first; its error is measured and reported.
  case approximate

  /// True where a verification may assert equality (within rounding) on random inputs.
  public var promisesEquality: Bool { self == .exact || self == .rounding }
}
