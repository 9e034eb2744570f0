internal import SurgeonIR
internal import SurgeonRewrite
internal import Testing

private let x = Capture<Value.ID>("x")
private let y = Capture<Value.ID>("y")

/// How often a pattern matches in a model.
private func matchCount(_ pattern: Pattern, _ model: Model) throws -> Int {
  let rule = RewriteRule.editing(
    "probe", "for the test", fidelity: .exact, pattern: pattern
  ) { match, _, patch in
    patch.setAttribute(.int("seen", 1), of: match.root)
  }
  return try Rewriter([rule]).matches(in: model).count
}

@Suite struct PatternTests {
  @Test func `alternatives may stand anywhere, at the root too`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.node("Relu", ["in"], "r")
    b.node("Tanh", ["in"], "t")
    b.node("Neg", ["r"], "n1")
    b.node("Abs", ["t"], "n2")
    b.node("Abs", ["in"], "n3")
    for name in ["n1", "n2", "n3"] { b.output(name) }
    let inner = Op.either(Op.Relu(x), Op.Tanh(x))
    #expect(try matchCount(Op.either(Op.Neg(inner), Op.Abs(inner)), b.model) == 2)
    #expect(try matchCount(Op.oneOf("Neg", "Abs")(Op.oneOf("Relu", "Tanh")(x)), b.model) == 2)
  }

  @Test func `a repeated capture is the same value, or an equal constant`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.input("other")
    b.constant("k1", [1, 2])
    b.constant("k2", [1, 2])
    b.constant("k3", [1, 3])
    b.node("Identity", ["in"], "same")
    b.node("Sub", ["in", "same"], "s1")
    b.node("Sub", ["in", "other"], "s2")
    b.node("Pow", ["k1", "k2"], "p1")
    b.node("Pow", ["k1", "k3"], "p2")
    for name in ["s1", "s2", "p1", "p2"] { b.output(name) }
    let k = Capture<Tensor>("k")
    #expect(try matchCount(Op.Sub(x, x), b.model) == 1)
    #expect(try matchCount(Op.Pow(k, k), b.model) == 1)
  }

  @Test func `optional inputs may be absent, surplus inputs are refused`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.scalar("lo", 0)
    b.scalar("hi", 6)
    b.node("Clip", ["in", "lo", "hi"], "c1")
    b.node("Clip", ["in", "", "hi"], "c2")
    b.node("Clip", ["in"], "c3")
    for name in ["c1", "c2", "c3"] { b.output(name) }
    let low = Capture<Tensor?>("low")
    let high = Capture<Tensor?>("high")
    #expect(try matchCount(Op.Clip(x, low, high), b.model) == 3)
    #expect(try matchCount(Op.Clip(x, Op.absent, high), b.model) == 2)
    #expect(try matchCount(Op.Clip(x, 0, 6), b.model) == 1)
    #expect(try matchCount(Op.Clip(x), b.model) == 1)
    #expect(try matchCount(Op.Clip(x, Op.rest), b.model) == 3)
  }

  @Test func `variadic inputs are captured, in every order where they commute`() throws {
    var b = GraphBuilder()
    for name in ["a", "b", "c"] { b.input(name) }
    b.node("Relu", ["c"], "r")
    b.node("Concat", ["a", "b", "r"], "cat", attributes: [.int("axis", 1)])
    b.node("Sum", ["a", "r", "b"], "sum")
    b.output("cat")
    b.output("sum")
    let rest = Capture<[Value.ID]>("rest")
    let rule = RewriteRule(
      "first", "for the test", fidelity: .exact, pattern: Op.Sum(Op.Relu(x), rest)
    ) { match, _, patch in
      patch.op("Max", [match[x]] + match[rest])
    }
    #expect(try matchCount(Op.Concat(x, rest), b.model) == 1)
    #expect(try matchCount(Op.Concat(Op.Relu(x), rest), b.model) == 0)
    try Rewriter([rule]).rewrite(&b.model)
    #expect(b.model.listing.last == "sum = Max(c, a, b)")
  }

  @Test func `a chain of unary nodes is skipped, a Dropout only in inference`() throws {
    var b = GraphBuilder(opset: 12)
    b.input("in")
    b.scalar("ratio", 0.5)
    b.model.setInitializer(Tensor(scalar: true), of: b.value("training"))
    b.node("Relu", ["in"], "r")
    b.node("Dropout", ["r"], "d1")
    b.node("Identity", ["d1"], "i")
    b.node("Dropout", ["i", "ratio"], "d2")
    b.node("Neg", ["d2"], "n1")
    b.node("Dropout", ["r", "ratio", "training"], "d3")
    b.node("Neg", ["d3"], "n2")
    b.output("n1")
    b.output("n2")
    let pattern = Op.Neg(Op.chain(of: ["Dropout", "Identity"], Op.Relu(x)))
    #expect(try matchCount(pattern, b.model) == 1)
    #expect(
      try matchCount(Op.Neg(Op.chain(of: ["Dropout"], atLeast: 3, x)), b.model) == 0)
  }

  @Test func `a chain may stand at the root, and its last link is the root`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.node("Relu", ["in"], "r")
    b.node("Neg", ["r"], "n1")
    b.node("Neg", ["n1"], "n2")
    b.node("Neg", ["in"], "other")
    for name in ["n2", "other"] { b.output(name) }
    #expect(try matchCount(Op.chain(of: ["Neg"], atLeast: 1, Op.Relu(x)), b.model) == 2)
    #expect(try matchCount(Op.chain(of: ["Neg"], atLeast: 2, Op.Relu(x)), b.model) == 1)
    // The Relu alone is a chain of none.
    #expect(try matchCount(Op.chain(of: ["Neg"], Op.Relu(x)), b.model) == 3)
    #expect(try matchCount(Op.chain(of: ["Neg"], atLeast: 1, x), b.model) == 3)

    let rule = RewriteRule(
      "two-negations", "two negations before a ramp are none", fidelity: .exact,
      pattern: Op.chain(of: ["Neg"], atLeast: 2, Op.Relu(x))
    ) { match, _, patch in patch.op("Relu", [match[x]]) }
    var model = b.model
    try Rewriter([rule]).rewrite(&model)
    #expect(model.allNodes.map { model[$0].opType } == ["Relu", "Neg"])
    model.checkInvariants()
  }

  @Test func `a constant of any size is a number where all of its elements are`() throws {
    var b = GraphBuilder()
    b.input("in")
    var numbers = [Float](repeating: 0.5, count: 1 << 17)
    b.constant("even", numbers)
    numbers[numbers.count - 1] = 0.25
    b.constant("odd", numbers)
    b.node("Mul", ["in", "even"], "m1")
    b.node("Mul", ["in", "odd"], "m2")
    for name in ["m1", "m2"] { b.output(name) }
    #expect(try matchCount(Op.Mul(x, 0.5), b.model) == 1)
  }

  @Test func `numbers match scalars and broadcast constants of any type, within rounding`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.constant("many", [0.1, 0.1, 0.1], [1, 3, 1, 1])
    b.constant("uneven", [0.1, 0.2])
    b.model.setInitializer(
      Tensor(rounding: [0.1], to: .float16, shape: []), of: b.value("half"))
    b.model.setInitializer(Tensor(scalar: Int64(2)), of: b.value("two"))
    for name in ["many", "uneven", "half", "two"] {
      b.node("Mul", ["in", name], "m_\(name)")
      b.output("m_\(name)")
    }
    #expect(try matchCount(Op.Mul(x, 0.1), b.model) == 2)
    #expect(try matchCount(Op.Mul(x, 2), b.model) == 1)
    #expect(try matchCount(Op.Mul(x, Op.number(0.15, tolerance: 0.06)), b.model) == 3)
  }

  @Test func `readers outside are allowed or not, as the pattern says`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.node("Sigmoid", ["in"], "s")
    b.node("Mul", ["s", "s"], "m")
    b.node("Neg", ["m"], "n")
    b.output("n")
    #expect(try matchCount(Op.Mul(Op.Sigmoid(x).usedOnce(), y), b.model) == 0)
    let inside = Op.Mul(Op.Sigmoid(x).usedOnlyInside(), y)
    #expect(try matchCount(inside, b.model) == 1)
    b.output("s")
    #expect(try matchCount(inside, b.model) == 0)
  }

  @Test func `rank, shape and element type are inferred`() throws {
    var b = GraphBuilder()
    b.input("in", [2, 3, 8])
    b.node("Relu", ["in"], "r")
    b.node("Neg", ["r"], "n")
    b.output("n")
    #expect(try matchCount(Op.Neg(Op.Relu(x).rank(3)), b.model) == 1)
    #expect(try matchCount(Op.Neg(Op.Relu(x).rank(4...5)), b.model) == 0)
    #expect(try matchCount(Op.Neg(Op.Relu(x).shape([nil, 3, 8])), b.model) == 1)
    #expect(try matchCount(Op.Neg(x.elementType(.float16)), b.model) == 0)
    #expect(try matchCount(Op.Neg(x.elementType(.float32, .float16)), b.model) == 1)
  }

  @Test func `attributes are compared, with the operator's default`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.node("Softmax", ["in"], "s1")
    b.node("Softmax", ["in"], "s2", attributes: [.int("axis", 1)])
    b.node("Softmax", ["in"], "s3", attributes: [.int("axis", -1)])
    for name in ["s1", "s2", "s3"] { b.output(name) }
    #expect(
      try matchCount(Op.Softmax(x).attribute("axis", equals: -1, default: -1), b.model) == 2)
    #expect(try matchCount(Op.Softmax(x).attribute("axis", equals: 1), b.model) == 1)
    #expect(try matchCount(Op.Softmax(x).withoutAttribute("axis"), b.model) == 1)
    let axis = Capture<Int>("axis")
    #expect(try matchCount(Op.Softmax(x).attribute("axis", axis), b.model) == 2)
  }

  @Test func `other domains are named, and every domain can be meant`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.node("Gelu", ["in"], "g", domain: "com.microsoft")
    b.node("Neg", ["g"], "n")
    b.output("n")
    #expect(try matchCount(Op.Neg(Op.Gelu(x)), b.model) == 0)
    #expect(try matchCount(Op.Neg(Op.domain("com.microsoft").Gelu(x)), b.model) == 1)
    #expect(try matchCount(Op.Neg(Op.oneOf()(x)), b.model) == 1)
  }

  @Test func `a node with several outputs is replaced as a whole`() throws {
    var b = GraphBuilder()
    b.input("in")
    b.node("Split", ["in"], "a", "b")
    b.node("Neg", ["a"], "n")
    b.output("n")
    b.output("b")
    #expect(try matchCount(Op.Split(x), b.model) == 0)
    let second = Capture<Value.ID?>("second")
    let rule = RewriteRule.editing(
      "split", "for the test", fidelity: .approximate, pattern: Op.Split(x).outputs(y, second)
    ) { match, _, patch in
      let parts = patch.ops("Other", [match[x]], outputTypes: [nil, nil])
      patch.remove(match.root)
      patch.replace(match[y], with: parts[0])
      if let second = match[second] { patch.replace(second, with: parts[1]) }
    }
    try Rewriter([rule]).rewrite(&b.model)
    #expect(b.model.listing == ["a, b = Other(in)", "n = Neg(a)"])
  }

  @Test func `several roots share a value`() throws {
    let k1 = Capture<Tensor>("k1")
    let k2 = Capture<Tensor>("k2")
    let rule = RewriteRule.editing(
      "join", "two products of one value are one", fidelity: .rounding,
      pattern: Op.MatMul(x, k1), andRoots: [Op.MatMul(x, k2)]
    ) { match, context, patch in
      let joined = patch.op("Joined", [match[x], match.value(of: k1), match.value(of: k2)])
      for (root, index) in zip(match.roots, 0...) {
        let part = patch.op("Part", [joined], [.int("index", index)])
        patch.remove(root)
        patch.replace(context.model[root].outputs[0]!, with: part)
      }
    }
    func model(readsEarly: Bool) -> Model {
      var b = GraphBuilder()
      b.input("in")
      b.constant("w1", [1])
      b.constant("w2", [2])
      b.node("MatMul", ["in", "w1"], "q")
      if readsEarly { b.node("Neg", ["q"], "n") }
      b.node("MatMul", ["in", "w2"], "k")
      for name in ["q", "k"] { b.output(name) }
      if readsEarly { b.output("n") }
      return b.model
    }
    var joined = model(readsEarly: false)
    try Rewriter([rule]).rewrite(&joined)
    #expect(
      joined.listing == [
        "k_joined = Joined(in, w1, w2)", "q = Part(k_joined)", "k = Part(k_joined)",
      ]
        || joined.listing
          == ["q_joined = Joined(in, w1, w2)", "q = Part(q_joined)", "k = Part(q_joined)"]
    )
    var early = model(readsEarly: true)
    let report = try Rewriter([rule]).rewrite(&early)
    #expect(report.applications.isEmpty)
  }

  @Test func `rules apply inside bodies and functions, and constants go where they may stand`()
    throws
  {
    var b = GraphBuilder()
    b.input("in")
    b.model.setInitializer(Tensor(scalar: true), of: b.value("flag"))
    var bodies: [Graph.ID] = []
    for name in ["then", "else"] {
      let body = b.model.addGraph(owner: .model)
      let result = b.model.addValue(named: "\(name)_out", in: body)
      b.model.addNode("Relu", inputs: [b.value("in")], outputs: [result], in: body)
      b.model.addOutput(result, to: body)
      bodies.append(body)
    }
    b.node(
      "If", ["flag"], "out",
      attributes: [
        Attribute("then_branch", .graph(bodies[0])), Attribute("else_branch", .graph(bodies[1])),
      ])
    b.output("out")
    let function = b.model.addGraph(owner: .function(0))
    let argument = b.model.addValue(named: "a", in: function)
    b.model.addInput(argument)
    let result = b.model.addValue(named: "r", in: function)
    b.model.addNode("Relu", inputs: [argument], outputs: [result], in: function)
    b.model.addOutput(result, to: function)
    b.model.addFunction(
      Function(
        name: "F", domain: "local", body: function,
        opsetImports: [OpsetImport(domain: "", version: 17)]))
    let rule = RewriteRule(
      "relu-to-max", "relu(x) is max(x, 0)", fidelity: .exact, pattern: Op.Relu(x)
    ) { match, _, patch in
      patch.op("Max", [match[x], patch.constant(Tensor(scalar: Float(0)), name: "zero")])
    }
    let report = try Rewriter([rule]).rewrite(&b.model)
    #expect(report.applications.count == 3)
    #expect(bodies.map { b.model[$0].initializers.count } == [1, 1])
    #expect(b.model.nodes(of: function).map { b.model[$0].opType } == ["Constant", "Max"])
    b.model.checkInvariants()
  }
}
