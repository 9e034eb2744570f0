internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuleFiles
internal import SurgeonVerify
internal import Testing

struct RuleFileConstantTests {
  @Test func `a number per position is not one per channel`() throws {
    let text = RuleFileTest.scaled.replacing(
      "float[2,1] k = {10, 100}", with: "float[3] k = {1, 2, 3}")
    let model = try OnnxText.parse(text)
    let trace = try #require(
      try Rewriter(try RuleFileTest.rules(RuleFileTest.absorbScale)).explain(model).first)
    #expect(trace.blockers.map(\.reason) == ["not so: k has one number per channel of y"])
  }

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
    try Rewriter(try RuleFileTest.rules(rule)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["HardSwish"])
    let old = try OnnxText.parse(text.replacing(#""" : 14"#, with: #""" : 13"#))
    let trace = try #require(try Rewriter(try RuleFileTest.rules(rule)).explain(old).first)
    #expect(
      trace.blockers.map(\.reason)
        == ["not so: the operators of the replacement are as in operator set 14 to 28"])
    #expect(
      RuleFileTest.errorText(rule.replacing("replace", with: "where { opset 9 to 13 } replace"))
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
    try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
    let nodes = model.allNodes
    #expect(nodes.map { model[$0].opType } == ["Div", "Reshape"])
    let ten = try #require(try model[nodes[0]].input(1).flatMap { try model.constant($0) })
    #expect(ten.elementType == .float16)
    #expect(try ten.float64Elements() == [10])
    let shape = try #require(try model[nodes[1]].input(1).flatMap { try model.constant($0) })
    #expect(try shape.intElements() == [-1, 2])
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
    try Rewriter(try RuleFileTest.rules(text)).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Reshape", "Neg"])
  }
}
