internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonVerify
internal import Testing

struct RuleFileMistakeTests {
  @Test func `a near miss names the line of the rule file`() throws {
    let model = try OnnxText.parse(
      RuleFileTest.scaled.replacing(
        "(float[1,2,3] out)", with: "(float[1,2,3] out, float[1,2,3] n)"))
    let trace = try #require(
      try Rewriter(try RuleFileTest.rules(RuleFileTest.absorbScale)).explain(model).first)
    #expect(trace.blockers.map(\.reason) == ["'n' is also read by others, so it cannot disappear"])
    #expect(trace.blockers[0].location == SourceLocation(file: "my.rules", line: 7))
  }

  @Test func `an undefined name is shown with a caret`() {
    let text = RuleFileTest.absorbScale.replacing("(gamma, k1)", with: "(gama, k1)")
    #expect(
      RuleFileTest.errorText(text).contains(
        "nothing defines 'gama'\n  at my.rules > line 11, column 15"))
    #expect(RuleFileTest.errorText(text).contains("g2 = Mul (gama, k1)\n                  ^"))
  }

  @Test(arguments: [
    ("k1 = Reshape", "y = Reshape", "'y' is a value of the pattern"),
    ("used_once y", "used_once q", "the pattern has no value 'q'"),
    ("constant gamma, beta, k;", "constant gamma, beta;", "'k' must be a constant"),
    ("fidelity rounding", "fidelity perfect", "'perfect' is no fidelity of a rule file"),
    ("fidelity rounding", "", "does not say its fidelity"),
    (
      "z = BatchNormalization <epsilon = @eps>", "z = BatchNormalization <epsilon = @gone>",
      "captures no attribute '@gone'"
    ),
    ("z = BatchNormalization", "w = BatchNormalization", "does not compute 'z'"),
    ("where {", "when {", "'when' is no part of a rule"),
    ("used_once y", "used_twice y", "'used_twice' is no condition"),
    ("constant gamma", "constant y, gamma", "'y' is computed by the pattern"),
    ("z = Mul (y, k)", "z = Mul (y, k) w = Relu (q)", "no value in common"),
    ("k1 = Reshape", "k1 = Reshpae", "the standard has no operator 'Reshpae'"),
    ("k1 = Reshape", "k1 = Reshpae", "hint: do you mean 'Reshape'?"),
    ("(k, flat)", "(k, flat, k)", "Reshape has 2 inputs, not 3"),
    ("(k, flat)", "(k)", "Reshape has 2 inputs, not 1"),
    ("g2 = Mul", "g2, q = Mul", "Mul has 1 output, not 2"),
    (
      "<epsilon = @eps> (x, g2", "<epsilom = @eps> (x, g2", "no attribute 'epsilom' in operator set"
    ),
    ("<epsilon = @eps> (x, g2", "<epsilom = @eps> (x, g2", "hint: do you mean 'epsilon'?"),
    (
      "<epsilon = @eps> (x, g2", "<epsilon = 1> (x, g2",
      "'epsilon' of BatchNormalization is a float"
    ),
    ("b2 = Mul (beta, k1)", "b2 = Concat (beta, k1)", "Concat needs the attribute 'axis'"),
    ("Mul (gamma, k1)", "Mul (gamma, flat)", "here, and 'flat' is int64"),
    ("used_once y;", "used_once y; type k string;", "and 'k' is string"),
    ("g2 = Mul", "g2 = Mul | Div", "a replacement has one operator"),
    ("(x, g2, b2, mean, var)", "(x, g2, b2, mean, var...)", "does not stand for several values"),
    ("(gamma, k1)", "(gamma, Sqrt (k2))", "nothing defines 'k2'"),
    ("(gamma, k1)", "(gamma, Sqrt (k1, k1))", "Sqrt has 1 input, not 2"),
    ("<epsilon = @eps> (x, g2", "<epsilon = @x> (x, g2", "'x' is not a constant"),
    ("<epsilon = @eps> (x, g2", "<others...> (x, g2", "the pattern has no '<others...>'"),
    ("<epsilon = @eps> (x, gamma", "<epsilon = @eps, epsilon = 1.0> (x, gamma", "given twice"),
    ("used_once y", "inverse @eps, @axis", "captures no attribute '@axis'"),
    ("used_once y", "same_shape y", "',' and another name expected"),
    ("used_once y", "not_konstant y", "hint: do you mean 'not_constant'?"),
    ("  where {", "  or { z = Mul (x, k) w = Neg (x) }  where {", "has one result"),
    ("  where {", "  or { w = Mul (x, k) }  where {", "which computes 'z'"),
    ("  where {", "  or { z = Mul (x, k) }  where {", "not every alternative has 'y'"),
    ("  where {", "  match { z = Mul (x, k) }  where {", "a rule has one 'match'"),
    ("  where {", "  or { }  where {", "a pattern has nodes"),
  ])
  func `mistakes are found before a model is touched`(
    correct: String, wrong: String, message: String
  ) {
    #expect(
      RuleFileTest.errorText(RuleFileTest.absorbScale.replacing(correct, with: wrong)).contains(
        message))
  }

  @Test func `an empty file, and a function that the model lacks, are told`() throws {
    #expect(RuleFileTest.errorText("# nothing\n").contains("error: the file holds no rule"))
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]> g (float[2] x) => (float[2] y) { y = Neg (x) }
      """)
    let text = """
      rule call "a call of a function" {
        match { y = Neg (x) }  replace { y = my.Negate (x) }  fidelity exact
      }
      """
    let trace = try #require(
      try Rewriter(try RuleFileTest.rules(text)).explain(model, nodes: model.allNodes).first)
    #expect(
      trace.blockers.map(\.reason)
        == ["the model does not import 'my', which the replacement needs"])
  }
}
