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
    ("z = Mul (y, k)", "z = Mul (y, k) w = Mul (y, [1, 2])", "a pattern compares with one number"),
  ])
  func `mistakes are found before a model is touched`(
    correct: String, wrong: String, message: String
  ) {
    #expect(errorText(absorbScale.replacing(correct, with: wrong)).contains(message))
  }

  // MARK: Numbers, alternatives, any number of inputs

  @Test func `numbers stand for constants, and the operator set follows from the replacement`()
    throws
  {
    let rule = """
      rule hard_swish "x * clip(x + 3, 0, 6) / 6 is one HardSwish" {
        match { a = Add (x, 3) c = Clip (a, 0, 6) m = Mul (x, c) y = Div (m, 6) }
        replace { y = HardSwish (x) }
        fidelity rounding
      }
      """
    let text = """
      <ir_version: 8, opset_import: ["" : 14]>
      g (float[2] x) => (float[2] y)
      <float three = {3}, float[2] zero = {0, 0}, float six = {6}> {
        a = Add (three, x) c = Clip (a, zero, six) m = Mul (c, x) y = Div (m, six)
      }
      """
    var model = try OnnxText.parse(text)
    try Rewriter(try rules(rule)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["HardSwish"])
    let old = try OnnxText.parse(text.replacing(#""" : 14"#, with: #""" : 13"#))
    let trace = try #require(try Rewriter(try rules(rule)).explain(old).first)
    #expect(
      trace.blockers.map(\.reason)
        == ["not so: the operators of the replacement are as in operator set 14 to 28"])
    #expect(
      errorText(rule.replacing("replace", with: "where { opset 9 to 13 } replace"))
        .contains("'HardSwish' came with operator set 14, the rule is for 9 to 13"))
  }

  @Test func `a number within a tolerance, and numbers in the replacement`() throws {
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float16[2, 3] x) => (float16[3, 2] y) <float16 k = {11878}, int64[2] s = {3, 2}> {
        a = Mul (x, k) y = Reshape (a, s)
      }
      """)
    let text = """
      rule tenth "a tenth is a division by ten" {
        match { a = Mul (x, k) y = Reshape (a, s) }
        where { k equals 0.1 within 0.001; type x float16 }
        replace { b = Div (x, 10) y = Reshape (b, [-1, 2]) }
        fidelity rounding
      }
      """.replacing("k equals 0.1", with: "equals k 0.1")
    try Rewriter(try rules(text)).rewrite(&model)
    let nodes = model.allNodes
    #expect(nodes.map { model[$0].opType } == ["Div", "Reshape"])
    let ten = try #require(try model[nodes[0]].input(1).flatMap { try model.constant($0) })
    #expect(ten.elementType == .float16)
    #expect(try ten.float64Elements() == [10])
    let shape = try #require(try model[nodes[1]].input(1).flatMap { try model.constant($0) })
    #expect(try shape.intElements() == [-1, 2])
  }

  @Test func `an empty file, and a function that the model lacks, are told`() throws {
    #expect(errorText("# nothing\n").contains("error: the file holds no rule"))
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
      try Rewriter(try rules(text)).explain(model, nodes: model.allNodes).first)
    #expect(
      trace.blockers.map(\.reason)
        == ["the model does not import 'my', which the replacement needs"])
  }

  @Test func `one of several operators, and all further inputs`() throws {
    let text = """
      rule even "what is even loses its sign" {
        match { a = Neg (x) y = Abs | Cos (a) }
        replace { y = Abs (x) }
        fidelity approximate
      }
      rule join "one Concat of one input less" {
        match { a = Concat <axis = 0> (first, second) y = Concat <axis = 0> (a, others...) }
        replace { y = Concat <axis = 0> (first, second, others...) }
        fidelity exact
      }
      """
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[2] x) => (float[8] y) {
        n = Neg (x) c = Cos (n) a = Abs (n)
        p = Concat <axis = 0> (x, c) y = Concat <axis = 0> (p, a, x)
      }
      """)
    try Rewriter(try rules(text)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Abs", "Abs", "Concat"])
    let last = model.allNodes[2]
    #expect(model[last].inputs.count == 4)
    #expect(
      errorText(text.replacing("(first, second, others...)", with: "(first, second, others)"))
        .contains("'others' stands for any number of values"))
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
