internal import SurgeonIR
internal import SurgeonRewrite
internal import Testing

private let x = Capture<Value.ID>("x")

private let hardSwish = RewriteRule(
  "fuse-hard-swish", "x * clip(x + 3, 0, 6) / 6 is one HardSwish", fidelity: .rounding,
  pattern: Op.Div(Op.Mul(x, Op.Clip(Op.Add(x, 3), 0, 6)), 6),
  conditions: [.opset(14...)]
) { match, _, patch in
  patch.op("HardSwish", [match[x]])
}

/// x * clip(x + 3, 0, 6) / 6, the operands of Add and Mul in either order.
private func decomposedHardSwish(addSwapped: Bool, mulSwapped: Bool, opset: Int = 17) -> Model {
  var b = GraphBuilder(opset: opset)
  b.input("in")
  b.scalar("three", 3)
  b.scalar("zero", 0)
  b.scalar("six", 6)
  b.node("Add", addSwapped ? ["three", "in"] : ["in", "three"], "a")
  b.node("Clip", ["a", "zero", "six"], "c")
  b.node("Mul", mulSwapped ? ["c", "in"] : ["in", "c"], "m")
  b.node("Div", ["m", "six"], "out")
  b.output("out")
  return b.model
}

@Suite struct RewriterTests {
  @Test(arguments: [false, true], [false, true])
  func `commuting operands match in every order`(addSwapped: Bool, mulSwapped: Bool) throws {
    var model = decomposedHardSwish(addSwapped: addSwapped, mulSwapped: mulSwapped)
    let report = try Rewriter([hardSwish]).rewrite(&model)
    #expect(model.listing == ["out = HardSwish(in)"])
    #expect(report.applications.map(\.rule) == ["fuse-hard-swish"])
    #expect(model[model.mainGraph].initializers.isEmpty)
  }

  @Test func `a condition that does not hold leaves the model as it was`() throws {
    var model = decomposedHardSwish(addSwapped: false, mulSwapped: false, opset: 13)
    let before = model.listing
    let report = try Rewriter([hardSwish]).rewrite(&model)
    #expect(model.listing == before)
    #expect(report.applications.isEmpty)
    #expect(report.statistics[0].nearMisses == 1)
  }

  @Test func `a rule that makes what it looks for is stopped and named`() throws {
    let swap = RewriteRule(
      "swap-operands", "x + y is y + x", fidelity: .exact,
      pattern: Op.Add(x, Capture<Value.ID>("y"))
    ) { match, _, patch in
      patch.op("Add", [match[Capture<Value.ID>("y")], match[x]])
    }
    var model = decomposedHardSwish(addSwapped: false, mulSwapped: false)
    let before = model.listing
    let error = #expect(throws: SurgeonError.self) {
      try Rewriter([swap], options: RewriteOptions(applicationCap: 20)).rewrite(&model)
    }
    #expect(error?.message == "rule 'swap-operands' does not come to an end")
    #expect(model.listing == before)
  }

  @Test func `overlapping matches are rewritten one after the other`() throws {
    let y = Capture<Value.ID>("y")
    let collapse = RewriteRule(
      "collapse-negations", "the negation of a negation is the value", fidelity: .exact,
      pattern: Op.Neg(Op.Neg(y))
    ) { match, _, patch in
      match[y]
    }
    var b = GraphBuilder()
    b.input("in")
    b.node("Neg", ["in"], "n1")
    b.node("Neg", ["n1"], "n2")
    b.node("Neg", ["n2"], "n3")
    b.node("Relu", ["n3"], "out")
    b.output("out")
    try Rewriter([collapse]).rewrite(&b.model)
    #expect(b.model.listing == ["n3 = Neg(in)", "out = Relu(n3)"])
  }

  @Test func `a single node with optional constants is as easy as a chain`() throws {
    let weight = Capture<Tensor>("weight")
    let bias = Capture<Tensor?>("bias")
    let group = Capture<Int>("group", default: 1)
    let node = Capture<Node.ID>("conv")
    let rule = RewriteRule.editing(
      "tag", "a Conv gets a tag", fidelity: .exact,
      pattern: Op.Conv(x, weight, bias).attribute("group", group).as(node)
        .withoutAttribute("tag")
    ) { match, _, patch in
      let text = "\(match[weight].count) \(match[bias]?.count ?? 0) \(match[group])"
      patch.setAttribute(.string("tag", text), of: match[node])
    }
    var b = GraphBuilder()
    b.input("in")
    b.constant("w", [1, 2, 3], [1, 3, 1, 1])
    b.constant("b", [1])
    b.input("w2", [1, 1, 1, 1])
    b.node("Conv", ["in", "w", "b"], "c1")
    b.node("Conv", ["c1", "w2"], "c2")
    b.node("Conv", ["c1", "b", ""], "c3", attributes: [.int("group", 4)])
    for name in ["c2", "c3"] { b.output(name) }
    try Rewriter([rule]).rewrite(&b.model)
    let tags = b.model.allNodes.map { b.model[$0].string("tag") }
    #expect(tags == ["3 1 1", nil, "1 0 4"])
  }

  @Test func `only selected nodes are rewritten`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.node("Neg", ["in"], "n1", name: "body/neg")
    b.node("Neg", ["n1"], "n2")
    b.output("n2")
    let rule = RewriteRule(
      "neg-to-abs", "for the test", fidelity: .approximate, pattern: Op.Neg(x)
    ) { match, _, patch in patch.op("Abs", [match[x]]) }
    let selection = NameSelection(only: ["n*", "body/*"], except: ["body/[a-z]eg"])
    try Rewriter([rule], options: RewriteOptions(selection: selection)).rewrite(&b.model)
    #expect(b.model.listing == ["n1 = Neg(in)", "n2 = Abs(n1)"])
  }
}
