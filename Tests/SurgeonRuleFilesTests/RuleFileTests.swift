internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonVerify
internal import Testing

struct RuleFileTests {
  @Test func `a rule of text rewrites, and its constants are computed`() throws {
    var model = try OnnxText.parse(RuleFileTest.scaled)
    let report = try Rewriter(try RuleFileTest.rules(RuleFileTest.absorbScale)).rewrite(&model)
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
    try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Neg"])
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
    let report = try Rewriter(try RuleFileTest.rules(text), options: options).rewrite(&model)
    #expect(report.certified == 1)
    #expect(model.allNodes.map { model[$0].opType } == ["If", "Neg", "Abs", "Neg"])
    #expect(
      RuleFileTest.errorText(
        text.replacing("else_branch = @yes> (c)", with: "else_branch = @no> (c)")
      )
      .contains("'@no' is a body, which stands in one node alone"))
    #expect(
      RuleFileTest.errorText(
        text.replacing("else_branch = @no>", with: "else_branch = e () => (d) {}>")
      )
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
      try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
      return (before, model.allNodes.map { model[$0].opType })
    }
    #expect(try listing("s = Sigmoid (x) a = Mul (s, x)", "").1 == ["If", "Neg", "Neg"])
    let crossing = try listing("a = Mul (s, x)", "s = Sigmoid (x)")
    #expect(crossing.1 == ["Sigmoid", "If", "Mul", "Neg"])
    let trace = try #require(try Rewriter(try RuleFileTest.rules(text)).explain(crossing.0).first)
    #expect(
      trace.blockers.map(\.reason) == [
        "Sigmoid 's' stands outside of the body, where a rule takes values and constants alone"
      ])
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
    try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Abs", "Abs", "Concat"])
    let last = model.allNodes[2]
    #expect(model[last].inputs.count == 4)
    #expect(
      RuleFileTest.errorText(
        text.replacing("(first, second, others...)", with: "(first, second, others)")
      )
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
