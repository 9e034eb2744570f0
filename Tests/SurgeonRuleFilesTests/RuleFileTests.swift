internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonVerify
internal import Testing

private let absorbScale = """
  # Caffe's Scale, first half.
  rule absorb_scale "a per-channel scale after BatchNormalization goes into its parameters" {
    match {
      y = BatchNormalization <epsilon = @eps> (x, gamma, beta, mean, var)
      z = Mul (y, k)
    }
    where { constant gamma, beta, k;  used_once y;  per_channel k of y }
    replace {
      flat = Constant <value_ints = [-1]> ()
      k1 = Reshape (k, flat)
      g2 = Mul (gamma, k1)
      b2 = Mul (beta, k1)
      z = BatchNormalization <epsilon = @eps> (x, g2, b2, mean, var)
    }
    fidelity rounding
  }
  """

private let scaled = """
  <ir_version: 8, opset_import: ["" : 15]>
  g (float[1,2,3] x) => (float[1,2,3] out)
  <float[2] s = {1, 2}, float[2] b = {3, 4}, float[2] m = {0, 0}, float[2] v = {1, 1},
   float[2,1] k = {10, 100}> {
    n = BatchNormalization <epsilon = 0.5> (x, s, b, m, v)
    out = Mul (k, n)
  }
  """

private func rules(_ text: String) throws(SurgeonError) -> [RewriteRule] {
  try RuleFile.parse(text, name: "my.rules", evaluator: RuntimeEvaluator())
}

private func errorText(_ text: String) -> String {
  do throws(SurgeonError) {
    _ = try rules(text)
    return "no error"
  } catch {
    return error.description
  }
}

@Suite struct RuleFileTests {
  @Test func `a rule of text rewrites, and its constants are computed`() throws {
    var model = try OnnxText.parse(scaled)
    let report = try Rewriter(try rules(absorbScale)).rewrite(&model)
    #expect(report.applications.map(\.rule) == ["absorb_scale"])
    let node = model[model.allNodes[0]]
    #expect(model.allNodes.count == 1)
    #expect(node.opType == "BatchNormalization")
    #expect(node.float("epsilon") == 0.5)
    let numbers = try [1, 2].map { slot in
      try node.input(slot).flatMap { try model.constant($0)?.elements(as: Float.self) }
    }
    #expect(numbers == [[10, 200], [30, 400]])
    model.checkInvariants()
  }

  @Test func `a near miss names the line of the rule file`() throws {
    let model = try OnnxText.parse(
      scaled.replacing("(float[1,2,3] out)", with: "(float[1,2,3] out, float[1,2,3] n)"))
    let trace = try #require(try Rewriter(try rules(absorbScale)).explain(model).first)
    #expect(trace.blockers.map(\.reason) == ["'n' is also read by others, so it cannot disappear"])
    #expect(trace.blockers[0].location == SourceLocation(file: "my.rules", line: 7))
  }

  @Test func `a number per position is not one per channel`() throws {
    let text = scaled.replacing("float[2,1] k = {10, 100}", with: "float[3] k = {1, 2, 3}")
    let model = try OnnxText.parse(text)
    let trace = try #require(try Rewriter(try rules(absorbScale)).explain(model).first)
    #expect(trace.blockers.map(\.reason) == ["not so: k has one number per channel of y"])
  }

  @Test func `a value of the pattern can take the place of a result`() throws {
    let text = """
      rule times_one "x * 1 is x" {
        match { y = Mul (x, one) }
        where { equals one 1 }
        replace { y = Identity (x) }
        fidelity exact
      }
      """
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[2] x) => (float[2] out) <float[2] one = {1, 1}> {
        y = Mul (one, x)
        out = Neg (y)
      }
      """)
    try Rewriter(try rules(text)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Neg"])
  }

  @Test func `an undefined name is shown with a caret`() {
    let text = absorbScale.replacing("(gamma, k1)", with: "(gama, k1)")
    #expect(errorText(text).contains("nothing defines 'gama'\n  at my.rules > line 11, column 15"))
    #expect(errorText(text).contains("g2 = Mul (gama, k1)\n                  ^"))
  }

  @Test(arguments: [
    ("k1 = Reshape", "y = Reshape", "'y' is a value of the pattern"),
    ("used_once y", "used_once q", "the pattern has no value 'q'"),
    ("constant gamma, beta, k;", "constant gamma, beta;", "'k' must be a constant"),
    ("fidelity rounding", "fidelity perfect", "'perfect' is no fidelity of a rule file"),
    ("fidelity rounding", "", "does not say its fidelity"),
    (
      "z = BatchNormalization <epsilon = @eps>", "z = F <a = @gone>",
      "captures no attribute '@gone'"
    ),
    ("z = BatchNormalization", "w = BatchNormalization", "does not compute 'z'"),
    ("where {", "when {", "'when' is no part of a rule"),
    ("used_once y", "used_twice y", "'used_twice' is no condition"),
    ("constant gamma", "constant y, gamma", "'y' is computed by the pattern"),
    ("z = Mul (y, k)", "z = Mul (y, k) w = Relu (q)", "no value in common"),
  ])
  func `mistakes are found before a model is touched`(
    correct: String, wrong: String, message: String
  ) {
    #expect(errorText(absorbScale.replacing(correct, with: wrong)).contains(message))
  }
}

extension String {
  /// Every occurrence of `part` replaced.
  fileprivate func replacing(_ part: String, with other: String) -> String {
    var result = ""
    var rest = self[...]
    while let range = rest.firstRange(of: part) {
      result += rest[..<range.lowerBound] + other
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
