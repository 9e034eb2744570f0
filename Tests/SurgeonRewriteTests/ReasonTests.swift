internal import SurgeonIR
internal import SurgeonRewrite
internal import Testing

private let x = Capture<Value.ID>("x")
private let weight = Capture<Tensor>("weight")
private let gamma = Capture<Tensor>("gamma")
private let beta = Capture<Tensor>("beta")
private let mean = Capture<Tensor>("mean")
private let variance = Capture<Tensor>("variance")
private let norm = Capture<Node.ID>("norm")

private let fold = RewriteRule(
  "fold", "a BatchNormalization goes into the Conv before it", fidelity: .rounding,
  pattern: Op.BatchNormalization(
    Op.Conv(x, weight).usedOnce(), gamma, beta, mean, variance
  ).as(norm),
  subject: norm,
  conditions: [
    Condition("the input has four dimensions", about: "x", remedy: "use another rule") {
      match, context in context.rank(match[x]) == 4
    }
  ]
) { match, _, patch in
  patch.op("Conv", [match[x], match.value(of: weight)])
}

private func convAndNorm(
  convIsOutput: Bool = false, gammaIsInput: Bool = false, first: String = "Conv", rank: Int = 4
) -> Model {
  var b = GraphBuilder()
  b.input("in", Array(repeating: 4, count: rank))
  for name in ["w", "g", "b", "m", "v"] { b.constant(name, [1, 2, 3, 4]) }
  if gammaIsInput { b.model.addInput(b.value("g")) }
  b.node(first, first == "Conv" ? ["in", "w"] : ["in"], "conv", name: "conv1")
  b.node("BatchNormalization", ["conv", "g", "b", "m", "v"], "out", name: "bn1")
  b.output("out")
  if convIsOutput { b.output("conv") }
  return b.model
}

@Suite struct ReasonTests {
  @Test func `a near miss with two blockers is explained in full`() throws {
    let model = convAndNorm(convIsOutput: true, gammaIsInput: true)
    let traces = try Rewriter([fold]).explain(model)
    let trace = try #require(traces.first)
    #expect(traces.count == 1)
    #expect(trace.subjectName == "bn1")
    #expect(trace.foundOperators == 2 && trace.operators == 2)
    #expect(
      trace.blockers.map(\.reason) == [
        "'conv' is also read by others, so it cannot disappear",
        "gamma 'g' is not a constant: it is an input of the graph, whose default a caller may"
          + " override",
      ])
    #expect(trace.blockers[0].readers == ["graph output 'conv'"])
    #expect(trace.blockers[0].element == "Conv(x, weight)")
    #expect(trace.blockers[0].place == "value 'conv'")
    #expect(
      trace.blockers[0].remedy
        == "if nobody needs that output, take it off the model's outputs")
    #expect(trace.blockers[0].location?.line == 16)
    #expect(
      trace.blockers[1].remedy == "if no caller overrides it, say so with --trust-defaults")
  }

  @Test func `a trusted default is a constant`() throws {
    var model = convAndNorm(gammaIsInput: true)
    let options = RewriteOptions(policy: RewritePolicy(trustsDefaults: true))
    let report = try Rewriter([fold], options: options).rewrite(&model)
    #expect(report.applications.map(\.subjectName) == ["bn1"])
  }

  @Test func `a condition that does not hold is quoted with its remedy`() throws {
    let traces = try Rewriter([fold]).explain(convAndNorm(rank: 3))
    #expect(traces[0].blockers.map(\.reason) == ["not so: the input has four dimensions"])
    #expect(traces[0].blockers[0].remedy == "use another rule")
    #expect(traces[0].blockers[0].place == "value 'in'")
  }

  @Test func `a node asked for tells what is missing, however far it is from a match`() throws {
    let model = convAndNorm(first: "Relu")
    let rewriter = Rewriter([fold])
    #expect(try rewriter.explain(model).isEmpty)
    let node = try #require(model.allNodes.last)
    let trace = try #require(try rewriter.explain(model, nodes: [node]).first)
    #expect(
      trace.blockers.map(\.reason) == [
        "the rule looks for Conv at 'conv': Relu 'conv1' computes it"
      ])
    let relu = try #require(model.allNodes.first)
    #expect(try rewriter.explain(model, nodes: [relu]).isEmpty)
  }

  @Test func `a node whose successor is missing is told so`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.constant("w", [1, 2, 3, 4])
    let conv = b.node("Conv", ["in", "w"], "conv", name: "conv1")
    b.node("Relu", ["conv"], "out", name: "relu1")
    b.output("out")
    let trace = try #require(try Rewriter([fold]).explain(b.model, nodes: [conv]).first)
    #expect(
      trace.blockers.map(\.reason) == ["the rule looks for BatchNormalization that reads 'conv'"])
    #expect(trace.blockers[0].readers == ["Relu 'relu1'"])
  }

  @Test func `the better of two orders is explained`() throws {
    let y = Capture<Value.ID>("y")
    let rule = RewriteRule(
      "r", "for the test", fidelity: .exact, pattern: Op.Add(Op.Mul(x, 2), Op.Relu(y))
    ) { match, _, _ in match[y] }
    var b = GraphBuilder()
    b.input("in")
    b.scalar("k", 5)
    b.node("Relu", ["in"], "r")
    b.node("Mul", ["k", "in"], "m")
    b.node("Add", ["r", "m"], "out")
    b.output("out")
    let traces = try Rewriter([rule]).explain(b.model)
    #expect(traces.count == 1)
    #expect(traces[0].blockers.map(\.reason) == ["'k' is 5, the rule looks for 2"])
  }
}
