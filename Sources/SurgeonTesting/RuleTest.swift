internal import SurgeonData
internal import SurgeonFormat
public import SurgeonIR
public import SurgeonRewrite
internal import SurgeonRuntime
internal import SurgeonVerify

/// Checks a rule on models in ONNX's text syntax. For the tests of rule authors, in any test
/// framework: what does not hold is thrown, with both texts.
///
///     try RuleTest(hardSwish).expect(before, becomes: after)
///     try RuleTest(hardSwish).expect(other, isDeclined: ["not so: the model uses opset 14 or later"])
public struct RuleTest {
  private let rewriter: Rewriter
  private let rules: [RewriteRule]

  public init(_ rules: RewriteRule...) { self.init(rules) }

  public init(_ rules: [RewriteRule], options: RewriteOptions = RewriteOptions()) {
    self.rules = rules
    var options = options
    options.checksInvariants = true
    rewriter = Rewriter(rules, options: options)
  }

  /// The rules turn `before` into `after`, up to the names of inner values, and keep their promise:
  /// where it is exact or rounding, both models give the same outputs in Float64 on random inputs.
  ///
  /// - Throws: `broken` with what was found and what was expected.
  public func expect(_ before: String, becomes after: String) throws(SurgeonError) {
    let original = try OnnxText.parse(before)
    var model = original
    let report = try rewriter.rewrite(&model)
    let found = NamelessText(model).text
    let expected = NamelessText(try OnnxText.parse(after)).text
    guard found == expected else {
      throw SurgeonError(
        .broken, "the rule writes another model than expected",
        detail: "\nfound:\n\(found)\nexpected:\n\(expected)",
        hint: report.applications.isEmpty ? try reasons(in: original) : nil)
    }
    guard report.fidelity.promisesEquality else { return }
    var options = Verifier.Options()
    options.precision = .double
    options.engine = .reference
    options.absoluteTolerance = Tolerance.float32Constants.absolute
    options.relativeTolerance = Tolerance.float32Constants.relative
    let verification = try Verifier(options: options).verify(
      original, model, samples: try RandomInputs(for: original, samples: 2, seed: 1))
    guard verification.holds else {
      let drift = verification.worst?.drift.maxAbsolute
      throw SurgeonError(
        .broken, "the rule does not keep its promise (\(report.fidelity.rawValue))",
        detail: drift.map { "in Float64 an output differs by \($0)" })
    }
  }

  /// No rule applies to the model, and the nearest miss has exactly these reasons, in this order.
  ///
  /// - Throws: `broken` with what was found.
  public func expect(_ text: String, isDeclined reasons: [String]) throws(SurgeonError) {
    let original = try OnnxText.parse(text)
    var model = original
    let report = try rewriter.rewrite(&model)
    guard report.applications.isEmpty else {
      throw SurgeonError(.broken, "the rule applies where it should not")
    }
    let roots = original.allNodes
    let found = try rewriter.explain(original, nodes: roots).first?.blockers.map(\.reason) ?? []
    guard found == reasons else {
      throw SurgeonError(
        .broken, "the rule declines for other reasons than expected",
        detail: "\nfound:\n  \(found.joined(separator: "\n  "))"
          + "\nexpected:\n  \(reasons.joined(separator: "\n  "))")
    }
  }

  private func reasons(in model: Model) throws(SurgeonError) -> String? {
    guard let trace = try rewriter.explain(model).first else { return nil }
    return "nearest miss: " + trace.blockers.map(\.reason).joined(separator: "; ")
  }
}
