public import SurgeonIR

/// A rule: where `pattern` matches and every condition holds, the replacement may be made.
///
///     let x = Capture<Value.ID>("x")
///     let swish = RewriteRule(
///       "fuse-hard-swish", "x * clip(x + 3, 0, 6) / 6 is one HardSwish", fidelity: .rounding,
///       pattern: Op.Div(Op.Mul(x, Op.Clip(Op.Add(x, 3), 0, 6)), 6),
///       conditions: [.opset(14...)]
///     ) { match, _, patch in
///       patch.op("HardSwish", [match[x]])
///     }
public struct RewriteRule: Sendable {
  /// Records the replacement and returns the value that takes the place of the root's.
  public typealias Replacement =
    @Sendable (Match, RewriteContext, inout Patch) throws -> Value.ID
  /// Records an edit of any kind.
  public typealias Edit = @Sendable (Match, RewriteContext, inout Patch) throws -> Void

  /// A short name in words joined by hyphens, unique among the rules of a run.
  public let name: String
  /// What the rule says, in one sentence.
  public let summary: String
  public let fidelity: Fidelity
  public let conditions: [Condition]
  public let location: SourceLocation
  let compiled: CompiledPattern
  let edit: Edit

  /// A rule that replaces the root of its pattern.
  ///
  /// - Parameters:
  ///   - name: unique among the rules of a run.
  ///   - summary: what the rule says, in one sentence.
  ///   - roots: further results of the same match, in addition to that of `pattern`. Each shares a
  ///     capture with `pattern`. Replace them in the closure, with `Patch.replace`.
  ///   - subject: the node that the rule is about, by which the user selects (`--only`); the root by
  ///     default.
  ///   - replacement: records new nodes and returns the value that replaces the root's. May throw a
  ///     `Decline`, or any `SurgeonError`, which then declines with its message. The engine removes
  ///     the root, and every node that computed only for it.
  /// - Precondition: the pattern is an operator, a chain, or alternatives of these.
  public init(
    _ name: String, _ summary: String, fidelity: Fidelity, pattern: any PatternElement,
    andRoots roots: [any PatternElement] = [], subject: Capture<Node.ID>? = nil,
    conditions: [Condition] = [], file: StaticString = #fileID, line: UInt = #line,
    replacement: @escaping Replacement
  ) {
    self.init(
      name, summary, fidelity: fidelity, pattern: pattern, roots: roots, subject: subject?.name,
      conditions: conditions, at: SourceLocation(file, line)
    ) { match, context, patch in
      let result = try replacement(match, context, &patch)
      patch.remove(match.root)
      patch.replace(match.output, with: result)
    }
  }

  /// A rule that edits by hand: changes nodes in place, adds state, replaces several values.
  ///
  /// Whatever the closure records is the edit; only nodes that compute nothing any more disappear by
  /// themselves.
  public static func editing(
    _ name: String, _ summary: String, fidelity: Fidelity, pattern: any PatternElement,
    andRoots roots: [any PatternElement] = [], subject: Capture<Node.ID>? = nil,
    conditions: [Condition] = [], file: StaticString = #fileID, line: UInt = #line,
    edit: @escaping Edit
  ) -> RewriteRule {
    RewriteRule(
      name, summary, fidelity: fidelity, pattern: pattern, roots: roots, subject: subject?.name,
      conditions: conditions, at: SourceLocation(file, line), edit: edit)
  }

  /// The general form, for rules that are made from data.
  public init(
    _ name: String, _ summary: String, fidelity: Fidelity, pattern: any PatternElement,
    roots: [any PatternElement], subject: String?, conditions: [Condition],
    at location: SourceLocation, edit: @escaping Edit
  ) {
    self.name = name
    self.summary = summary
    self.fidelity = fidelity
    self.conditions = conditions
    self.location = location
    self.edit = edit
    compiled = CompiledPattern(
      root: pattern.pattern, further: roots.map(\.pattern), subject: subject, ofRule: name)
  }
}
