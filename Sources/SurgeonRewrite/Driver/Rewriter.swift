public import SurgeonIR

/// Applies rules to a model until none applies any more.
///
/// All nodes of all graphs (bodies and functions included) are tried in execution order, and at each
/// node the rules in the order of the list; the first that applies wins. After an application the
/// nodes around it are tried again. When no node waits any more and something has changed, all are
/// tried once more, until a whole sweep changes nothing.
public struct Rewriter: Sendable {
  public let rules: [RewriteRule]
  public var options: RewriteOptions

  /// - Precondition: no two rules have the same name.
  public init(_ rules: [RewriteRule], options: RewriteOptions = RewriteOptions()) {
    precondition(Set(rules.map(\.name)).count == rules.count, "two rules have the same name")
    self.rules = rules
    self.options = options
  }

  /// Rewrites `model`, and removes the values that nothing reads any more.
  ///
  /// - Throws: `broken` where a rule does not come to an end or records a patch that does not fit;
  ///   what reading a constant throws. The model is then as it was.
  @discardableResult
  public func rewrite(_ model: inout Model) throws(SurgeonError) -> RewriteReport {
    var run = RewriteRun(model: model, rules: rules, options: options)
    try run.finish()
    // Broken promises are rare, and undoing them takes a copy of the model at every application: it
    // is kept from the start only when one was found.
    if run.mustStartOver {
      run = RewriteRun(model: model, rules: rules, options: options, canUndo: true)
      try run.finish()
    }
    model = run.model
    return run.report
  }

  /// Where the patterns match, conditions included; changes nothing.
  public func matches(
    in model: borrowing Model
  ) throws(SurgeonError) -> [(rule: RewriteRule, match: Match)] {
    let run = RewriteRun(model: copy model, rules: rules, options: options)
    return try run.allMatches()
  }
}
