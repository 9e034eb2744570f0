internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import Testing

struct FrozenRuleTests {
  @Test func `affine is a Mul and an Add`() throws {
    let before = try Model.oneNorm(opset: 15, shape: "3, 2, 4, 5")
    let (after, report) = try RuleTest.rewrite(before, .frozenAffine())
    #expect(
      after.text == [
        "y_scaled = Mul(x, y_slope)",
        "y = Add(y_scaled, y_intercept)",
      ])
    #expect(try after.numbers("y_slope") == [1, -1])
    #expect(try after.numbers("y_intercept") == [-3, -0.5])
    #expect(
      after[after.mainGraph].initializers.map { after[$0].name } == [
        "y_slope", "y_intercept",
      ])
    let scaled = try #require(after.value(named: "y_scaled", in: after.mainGraph))
    #expect(after[scaled].type == .tensor(.float32, Shape([3, 2, 4, 5])))
    #expect(report.fidelity == .rounding)
    let x = RuleTest.noise([3, 2, 4, 5])
    #expect(try RuleTest.difference(before, after, ["x": x]) < 1e-14)
  }

  @Test func `split leaves gamma and beta as they are`() throws {
    let before = try Model.oneNorm(opset: 15, shape: "3, 2, 4, 5")
    let (after, _) = try RuleTest.rewrite(before, .frozenSplit())
    #expect(
      after.text == [
        "y_gamma = Reshape(gamma, y_gamma_shape)",
        "y_beta = Reshape(beta, y_beta_shape)",
        "y_centered = Sub(x, y_mean)",
        "y_normalized = Mul(y_centered, y_inverse_deviation)",
        "y_scaled = Mul(y_normalized, y_gamma)",
        "y = Add(y_scaled, y_beta)",
      ])
    #expect(try after.numbers("gamma") == [2, -3])
    let x = RuleTest.noise([3, 2, 4, 5])
    #expect(try RuleTest.difference(before, after, ["x": x]) < 1e-14)
  }

  @Test func `on rank 2 gamma and beta need no Reshape`() throws {
    let before = try Model.oneNorm(opset: 9, shape: "3, 2")
    let (after, _) = try RuleTest.rewrite(before, .frozenSplit())
    #expect(after.operators == ["Sub", "Mul", "Mul", "Add"])
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([3, 2])]) < 1e-14)
  }

  @Test(
    arguments: [1, 6, 7, 9, 14, 15, 21],
    [[3, 2], [3, 2, 4], [3, 2, 2, 2], [1, 2, 2, 3, 2], [2, 2, 1, 2, 3, 2]])
  func `every opset and rank gives the same function`(opset: Int, shape: [Int]) throws {
    let sizes = shape.map { "\($0)" }.joined(separator: ", ")
    let attributes =
      opset < 7 ? ", is_test = 1" + (opset == 1 ? ", consumed_inputs = [0, 0, 0, 0, 0]" : "") : ""
    let before = try Model.oneNorm(
      opset: opset, shape: sizes, attributes: attributes, irVersion: opset < 9 ? 4 : 8)
    for rule in [RewriteRule.frozenAffine(), .frozenSplit()] {
      let (after, _) = try RuleTest.rewrite(before, rule)
      #expect(!after.operators.contains("BatchNormalization"))
      // What both graphs compute is known: no runtime need have these versions' broadcasting.
      if opset >= 7 {
        #expect(
          try RuleTest.difference(before, after, ["x": RuleTest.noise(shape)]) < 1e-13)
      } else {
        let first = try #require(after.first(rule.name == "frozen-affine" ? "Mul" : "Sub"))
        #expect(after[first].int("broadcast") == 1)
        #expect(after[first].int("axis") == 1)
      }
    }
  }

  @Test func `an input of rank 1 has one channel`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 9]>
      g (float[3] x) => (float[3] y)
      <float[1] gamma = {2}, float[1] beta = {1}, float[1] mean = {4}, float[1] var = {3}>
      { y = BatchNormalization <epsilon = 1.0> (x, gamma, beta, mean, var) }
      """)
    let (after, _) = try RuleTest.rewrite(before, .frozenAffine())
    #expect(after.operators == ["Mul", "Add"])
    let result = try RuleTest.run(after, ["x": Tensor([Float(4), 6, 0])])
    #expect(try result["y"]?.float64Elements() == [1, 3, -3])
  }

  @Test func `parameters that two nodes share stay until the second has gone`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[1, 2] x) => (float[1, 2] y)
      <float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, float[2] mean = {4, -1},
       float[2] var = {3, 8}>
      {
        h = BatchNormalization (x, gamma, beta, mean, var)
        y = BatchNormalization (h, gamma, beta, mean, var)
      }
      """)
    let (after, report) = try RuleTest.rewrite(before, .frozenAffine())
    #expect(report.applications.count == 2)
    #expect(after.operators == ["Mul", "Add", "Mul", "Add"])
    #expect(after.value(named: "gamma", in: after.mainGraph) == nil)
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([1, 2])]) < 1e-13)
  }

  @Test func `below IR version 4 listed initializers are constants and new ones are listed`()
    throws
  {
    var builder = ModelBuilder(opset: 8, irVersion: 3)
    let x = builder.input("x", [1, 1, 2])
    builder.output(builder.batchNorm(x, "y", gamma: [2], beta: [3], mean: [4], variance: [5]))
    let (after, _) = try RuleTest.rewrite(builder.model, .frozenAffine())
    let names = after[after.mainGraph].inputs.map { after[$0].name }
    #expect(names == ["x", "y_node_slope", "y_node_intercept"])
  }

  @Test func `an unknown rank is declined with that reason`() throws {
    var builder = ModelBuilder(opset: 9)
    let x = builder.input("x", nil)
    builder.output(
      builder.batchNorm(x, "y", gamma: [2, 1], beta: [3, 1], mean: [4, 1], variance: [5, 1]))
    let (after, report) = try RuleTest.rewrite(builder.model, .frozenAffine())
    #expect(report.applications.isEmpty)
    #expect(after.operators == ["BatchNormalization"])
    #expect(
      try RuleTest.reasons(builder.model, .frozenAffine())
        == ["the rank of 'x' is not recorded and cannot be inferred"])
  }

  @Test func `training mode is declined with its evidence`() throws {
    var builder = ModelBuilder(opset: 13)
    let x = builder.input("x", [1, 1])
    builder.output(
      builder.batchNorm(
        x, "y", gamma: [2], beta: [3], mean: [4], variance: [5],
        extraOutputs: ["m", "v", "sm", "sv"]))
    let reasons = try RuleTest.reasons(builder.model, .frozenAffine())
    #expect(
      reasons == [
        "it is in training mode: it has 5 outputs, which before opset 14 means training. It "
          + "normalises with the statistics of the batch; with the running statistics the function "
          + "would change"
      ])
  }

  @Test func `spatial = 0 keeps a number for each position`() throws {
    var builder = ModelBuilder(opset: 8)
    let x = builder.input("x", [1, 1, 2])
    builder.output(
      builder.batchNorm(
        x, "y", gamma: [2, 4], beta: [0, 1], mean: [1, 2], variance: [3, 15], shape: [1, 2],
        attributes: [.int("spatial", 0), .float("epsilon", 1)]))
    let (after, _) = try RuleTest.rewrite(builder.model, .frozenAffine())
    #expect(try after.numbers("y_node_slope") == [1, 1])
    #expect(try after.numbers("y_node_intercept") == [-1, -1])
  }

  @Test func `types of X, parameters and statistics may differ at opset 15`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float16[1, 2, 3] x) => (float16[1, 2, 3] y)
      <float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, double[2] mean = {4, -1},
       double[2] var = {3, 8}>
      { y = BatchNormalization <epsilon = 1.0> (x, gamma, beta, mean, var) }
      """)
    let (after, _) = try RuleTest.rewrite(before, .frozenAffine())
    let slope = try #require(after.value(named: "y_slope", in: after.mainGraph))
    #expect(after[slope].initializer?.elementType == .float16)
    let (split, _) = try RuleTest.rewrite(before, .frozenSplit())
    #expect(split.operators.filter { $0 == "Cast" }.count == 2)
  }

  @Test func `nodes inside bodies and functions are rewritten where they stand`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15, "local" : 1]>
      g (float[1, 2] x, bool c) => (float[1, 2] y)
      <float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, float[2] mean = {4, -1},
       float[2] var = {3, 8}>
      {
        h = local.norm (x)
        y = If (c) <
          then_branch = t () => (float[1, 2] a) {
            a = BatchNormalization (h, gamma, beta, mean, var)
          },
          else_branch = e () => (float[1, 2] b) { b = Identity (h) }
        >
      }
      <domain: "local", opset_import: ["" : 15]>
      norm (v) => (w) {
        k = Constant <value = float[2] {1, 2}> ()
        w2 = Reshape (v, s)
        s = Constant <value = int64[2] {-1, 2}> ()
        w = BatchNormalization (w2, k, k, k, k)
      }
      """.replacing(
        "    w2 = Reshape (v, s)\n    s = Constant <value = int64[2] {-1, 2}> ()",
        with: "    s = Constant <value = int64[2] {-1, 2}> ()\n    w2 = Reshape (v, s)"))
    let (after, report) = try RuleTest.rewrite(before, .frozenAffine())
    #expect(report.applications.count == 2)
    let function = try #require(after.functions.first)
    #expect(
      after.nodes(of: function.body).map { after[$0].opType }.suffix(2) == ["Mul", "Add"])
    #expect(after[function.body].initializers.isEmpty)
    let inputs = ["x": RuleTest.noise([1, 2]), "c": Tensor(scalar: true)]
    #expect(try RuleTest.difference(before, after, inputs) < 1e-12)
  }
}
