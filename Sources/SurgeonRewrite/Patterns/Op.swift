/// Patterns of operators, spelled as calls.
///
///     Op.Mul(x, Op.Sigmoid(x))
///     Op.BatchNormalization(x, gamma, beta, mean, variance).attribute("epsilon", epsilon)
///     Op.domain("com.microsoft").FusedConv(x, w)
///     Op.oneOf("Mul", "Div")(x, k)
@dynamicMemberLookup
public enum Op {
  /// An operator of the standard.
  public static subscript(dynamicMember opType: String) -> OpType {
    OpType(opTypes: [opType], domain: "")
  }

  /// The operators of another domain.
  public static func domain(_ domain: String) -> OpDomain { OpDomain(domain: domain) }

  /// Any of several operators of the standard; none named: every operator of every domain.
  public static func oneOf(_ opTypes: String...) -> OpType {
    OpType(opTypes: opTypes, domain: opTypes.isEmpty ? nil : "")
  }

  /// The first of the alternatives that matches.
  public static func either(
    _ alternatives: any PatternElement..., file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    Pattern(.either(alternatives.map(\.pattern)), at: SourceLocation(file, line))
  }

  /// The same for alternatives in an array, as rule files have them.
  public static func either(_ alternatives: [Pattern], at location: SourceLocation) -> Pattern {
    Pattern(.either(alternatives), at: location)
  }

  /// `inner` behind any number of nodes with one data input each, as `Cast` or `Dropout` (which
  /// counts only where it does nothing, as in inference).
  public static func chain(
    of opTypes: Set<String>, atLeast count: Int = 0, _ inner: any PatternElement,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    Pattern(
      .chain(opTypes, atLeast: count, of: inner.pattern), at: SourceLocation(file, line))
  }

  /// A constant whose every element is `number`, whatever its shape.
  ///
  /// - Parameter tolerance: the largest absolute difference; by default two units in the last place
  ///   of the constant's type.
  public static func number(
    _ number: Double, tolerance: Double? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    Pattern(.number(number, tolerance: tolerance), at: SourceLocation(file, line))
  }

  /// An optional input that is left out.
  public static var absent: Pattern { Pattern(.absent, at: nil) }

  /// Any value.
  public static var anything: Pattern { Pattern(.anything, at: nil) }

  /// As the last input: whatever inputs follow, if any.
  public static var rest: Pattern { Pattern(.rest, at: nil) }
}

/// The operators of one domain.
@dynamicMemberLookup
public struct OpDomain: Sendable {
  let domain: String

  public subscript(dynamicMember opType: String) -> OpType { oneOf(opType) }

  /// Any of several operators of the domain.
  public func oneOf(_ opTypes: String...) -> OpType { oneOf(opTypes) }

  /// The same for names in an array, which is not empty.
  public func oneOf(_ opTypes: [String]) -> OpType { OpType(opTypes: opTypes, domain: domain) }
}

/// An operator that waits for the patterns of its inputs.
public struct OpType: Sendable {
  let opTypes: [String]
  let domain: String?

  /// The operator applied to these inputs and no others.
  ///
  /// An input for which no pattern stands must be left out in the node too, unless the last pattern
  /// is `Op.rest` or a `Capture<[Value.ID]>`.
  public func callAsFunction(
    _ inputs: any PatternElement..., file: StaticString = #fileID, line: UInt = #line
  ) -> Pattern {
    callAsFunction(inputs: inputs.map(\.pattern), at: SourceLocation(file, line))
  }

  /// The same for inputs in an array, as rule files have them.
  public func callAsFunction(inputs: [Pattern], at location: SourceLocation) -> Pattern {
    Pattern(.op(OpPattern(opTypes: opTypes, domain: domain, inputs: inputs)), at: location)
  }
}
