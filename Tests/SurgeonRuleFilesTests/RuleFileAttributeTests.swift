internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonVerify
internal import Testing

struct RuleFileAttributeTests {
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
      return try Rewriter(try RuleFileTest.rules(text)).rewrite(&model).applications.count
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
    try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
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
      try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
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
    try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
    #expect(
      model.allNodes.map { model[$0].opType } == [
        "Hardmax", "Softmax", "Transpose", "Transpose", "Reshape", "Cast",
      ])
    let reasons = try Rewriter(try RuleFileTest.rules(text)).explain(model).flatMap {
      $0.blockers.map(\.reason)
    }
    #expect(
      Set(reasons) == [
        "not so: @p and @q undo each other", "not so: x and y have the same shape",
        "not so: x and y have the same element type", "@axis is 1, the rule wants -1",
      ])
  }
}
