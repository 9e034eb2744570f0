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
    #expect(errorText(absorbScale.replacing(correct, with: wrong)).contains(message))
  }

  // MARK: Attributes

  @Test func `an attribute with its default's value need not be given`() throws {
    let text = """
      rule log_softmax "one operator, and a stable one" {
        match { y = Log (Softmax <axis = -1> (x)) }
        replace { y = LogSoftmax <axis = -1> (x) }
        fidelity rounding
      }
      """
    func applications(opset: Int, _ attributes: String = "") throws -> Int {
      var model = try OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : \(opset)]>
        g (float[2, 3] x) => (float[2, 3] y) { p = Softmax \(attributes)(x) y = Log (p) }
        """)
      return try Rewriter(try rules(text)).rewrite(&model).applications.count
    }
    #expect(try applications(opset: 13) == 1)
    #expect(try applications(opset: 13, "<axis = -1> ") == 1)
    #expect(try applications(opset: 13, "<axis = 0> ") == 0)
    // Up to operator set 12 the default was 1.
    #expect(try applications(opset: 12) == 0)
  }

  @Test func `a left out attribute becomes its default where another operator needs it`() throws {
    let text = """
      rule fold "a BatchNormalization goes into the Conv before it" {
        match {
          c = Conv <others...> (x, w)
          y = BatchNormalization <epsilon = @e> (c, gamma, beta, mean, var)
        }
        where { constant w, gamma, beta, mean, var;  used_once c;  rank w 4 }
        replace {
          k = Div (gamma, Sqrt (Add (var, Constant <value_float = @e> ())))
          y = Conv <others...> (x, Mul (w, Reshape (k, [-1, 1, 1, 1])), Sub (beta, Mul (mean, k)))
        }
        fidelity rounding
      }
      """
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[1, 1, 4, 4] x) => (float[1, 1, 2, 2] y)
      <float[1, 1, 1, 1] w = {3}, float[1] s = {2}, float[1] b = {5}, float[1] m = {1},
       float[1] v = {0.99999}> {
        c = Conv <strides = [2, 2]> (x, w)
        y = BatchNormalization (c, s, b, m, v)
      }
      """)
    try Rewriter(try rules(text)).rewrite(&model)
    let conv = model[model.allNodes[0]]
    #expect(model.allNodes.count == 1)
    #expect(conv.ints("strides") == [2, 2])
    let numbers = try [1, 2].map { slot in
      try conv.input(slot).flatMap { try model.constant($0)?.elements(as: Float.self) }
    }
    #expect(numbers == [[6], [3]])
  }

  @Test func `a constant becomes an attribute`() throws {
    let text = """
      rule layer_norm "the parts of a LayerNormalization are one" {
        match {
          d = Sub (x, ReduceMean <axes = [-1]> (x))
          v = ReduceMean <axes = [-1]> (Pow (d, 2))
          y = Add (Mul (Div (d, Sqrt (Add (v, eps))), gamma), beta)
        } or {
          d = Sub (x, ReduceMean (x, [-1]))
          v = ReduceMean (Pow (d, 2), [-1])
          y = Add (Mul (Div (d, Sqrt (Add (v, eps))), gamma), beta)
        }
        where { constant eps, gamma, beta;  shape gamma, beta [?] }
        replace { y = LayerNormalization <axis = -1, epsilon = @eps> (x, gamma, beta) }
        fidelity rounding
      }
      """
    for (opset, mean) in [(17, "ReduceMean <axes = [-1]> (Z)"), (18, "ReduceMean (Z, last)")] {
      var model = try OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : \(opset)]>
        g (float[2, 3] x) => (float[2, 3] y)
        <float e = {0.25}, float two = {2}, float[3] s = {1, 2, 3}, float[3] b = {4, 5, 6},
         int64[1] last = {-1}> {
          m = \(mean.replacing("Z", with: "x")) d = Sub (x, m) p = Pow (d, two)
          v = \(mean.replacing("Z", with: "p")) a = Add (e, v) r = Sqrt (a) n = Div (d, r)
          g = Mul (s, n) y = Add (g, b)
        }
        """)
      try Rewriter(try rules(text)).rewrite(&model)
      #expect(model.allNodes.map { model[$0].opType } == ["LayerNormalization"])
      #expect(model[model.allNodes[0]].float("epsilon") == 0.25)
    }
  }

  @Test func `conditions speak of attributes, shapes and types`() throws {
    let text = """
      rule twice "two transpositions that undo each other" {
        match { y = Transpose <perm = @q> (Transpose <perm = @p> (x)) }
        where { inverse @p, @q }
        replace { y = Identity (x) }
        fidelity exact
      }
      rule reshape "a Reshape that changes nothing" {
        match { y = Reshape (x, s) }
        where { same_shape x, y;  not_constant x }
        replace { y = Identity (x) }
        fidelity exact
      }
      rule cast "a Cast that changes nothing" {
        match { y = Cast (x) }
        where { same_type x, y }
        replace { y = Identity (x) }
        fidelity exact
      }
      rule flat "along the last axis" {
        match { y = Softmax <axis = @axis> (x) }
        where { equals @axis -1 }
        replace { y = Hardmax (x) }
        fidelity approximate
      }
      """
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[2, 3, 4] x) => (y) <int64[3] s = {0, 3, 4}, int64[1] all = {-1}> {
        a = Transpose <perm = [1, 2, 0]> (x)  b = Transpose <perm = [2, 0, 1]> (a)
        c = Reshape (b, s)  d = Cast <to = 1> (c)  e = Softmax (d)  f = Softmax <axis = 1> (e)
        h = Transpose <perm = [1, 2, 0]> (f)  i = Transpose <perm = [1, 2, 0]> (h)
        j = Reshape (i, all)  y = Cast <to = 11> (j)
      }
      """)
    try Rewriter(try rules(text)).rewrite(&model)
    #expect(
      model.allNodes.map { model[$0].opType } == [
        "Hardmax", "Softmax", "Transpose", "Transpose", "Reshape", "Cast",
      ])
    let reasons = try Rewriter(try rules(text)).explain(model).flatMap { $0.blockers.map(\.reason) }
    #expect(
      Set(reasons) == [
        "not so: @p and @q undo each other", "not so: x and y have the same shape",
        "not so: x and y have the same element type", "@axis is 1, the rule wants -1",
      ])
  }

  @Test func `a body is taken over whole`() throws {
    let text = """
      rule branches "the branches of an If with a negated condition change places" {
        match { y = If <then_branch = @yes, else_branch = @no> (Not (c)) }
        replace { y = If <then_branch = @no, else_branch = @yes> (c) }
        fidelity exact
      }
      """
    let source = """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[2] x, bool c) => (float[2] y) {
        n = Not (c)
        y = If (n) <then_branch = t () => (a) { b = Neg (x)  a = Abs (b) },
                    else_branch = e () => (d) { d = Neg (x) }>
      }
      """
    var model = try OnnxText.parse(source)
    var options = RewriteOptions(certifier: RuntimeCertifier())
    options.checksInvariants = true
    let report = try Rewriter(try rules(text), options: options).rewrite(&model)
    #expect(report.certified == 1)
    #expect(model.allNodes.map { model[$0].opType } == ["If", "Neg", "Abs", "Neg"])
    #expect(
      errorText(text.replacing("else_branch = @yes> (c)", with: "else_branch = @no> (c)"))
        .contains("'@no' is a body, which stands in one node alone"))
    #expect(
      errorText(text.replacing("else_branch = @no>", with: "else_branch = e () => (d) {}>"))
        .contains("a pattern looks into no bodies\n  at my.rules > line 2"))
  }

  @Test func `nodes in a body match, and see what is outside as values alone`() throws {
    let text = """
      rule swish "x * sigmoid(x)" {
        match { y = Mul (x, Sigmoid (x)) }
        replace { y = Neg (x) }
        fidelity approximate
      }
      """
    func listing(_ inner: String, _ outer: String) throws -> (Model, [String]) {
      var model = try OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : 15]>
        g (float[2] x, bool c) => (float[2] y) {
          \(outer)
          y = If (c) <then_branch = t () => (a) { \(inner) },
                      else_branch = e () => (d) { d = Neg (x) }>
        }
        """)
      let before = model
      try Rewriter(try rules(text)).rewrite(&model)
      return (before, model.allNodes.map { model[$0].opType })
    }
    #expect(try listing("s = Sigmoid (x) a = Mul (s, x)", "").1 == ["If", "Neg", "Neg"])
    let crossing = try listing("a = Mul (s, x)", "s = Sigmoid (x)")
    #expect(crossing.1 == ["Sigmoid", "If", "Mul", "Neg"])
    let trace = try #require(try Rewriter(try rules(text)).explain(crossing.0).first)
    #expect(
      trace.blockers.map(\.reason) == [
        "Sigmoid 's' stands outside of the body, where a rule takes values and constants alone"
      ])
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

  @Test func `a list stands for a constant of these elements`() throws {
    let text = """
      rule flat "a flat copy of what is flat" {
        match { y = Reshape (x, [-1]) }
        where { rank x 1 }
        replace { y = Identity (x) }
        fidelity exact
      }
      """
    var model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[6] x) => (float[2, 3] y, float[6] z)
      <int64[1] flat = {-1}, int64[2] square = {2, -1}> {
        a = Reshape (x, flat)  y = Reshape (a, square)  z = Neg (a)
      }
      """)
    try Rewriter(try rules(text)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Reshape", "Neg"])
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
