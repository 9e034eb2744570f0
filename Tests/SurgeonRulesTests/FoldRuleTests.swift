internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import Testing

struct FoldRuleTests {
  private static let parameters =
    "float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, float[2] mean = {4, -1}, "
    + "float[2] var = {3, 8}"

  private func model(
    _ body: String, inputs: String, output: String, constants: String = "", opset: Int = 13
  ) throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : \(opset)]>
      g (\(inputs)) => (\(output))
      <\(Self.parameters)\(constants.isEmpty ? "" : ", " + constants)>
      { \(body) }
      """)
  }

  private func expectFolded(
    _ before: Model, _ rule: RewriteRule, x: [Int], operators: [String]
  ) throws {
    let (after, report) = try RuleTest.rewrite(before, rule)
    #expect(report.applications.count == 1)
    #expect(after.operators == operators)
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise(x)]) < 1e-13)
  }

  @Test func `a Conv takes the normalisation after it, with and without a bias`() throws {
    let constants = "float[2, 1, 2] W = {1, 2, 3, 4}, float[2] c = {5, 6}"
    for (name, call) in [("with", "Conv (x, W, c)"), ("without", "Conv (x, W)")] {
      let before = try model(
        "z = \(call) y = BatchNormalization (z, gamma, beta, mean, var)",
        inputs: "float[1, 1, 5] x", output: "float[1, 2, 4] y", constants: constants)
      let (after, _) = try RuleTest.rewrite(before, .foldIntoConv())
      #expect(after.text == ["y = Conv(x, y_weight, y_bias)"], "\(name) a bias")
      #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([1, 1, 5])]) < 1e-13)
    }
  }

  @Test func `a shared Conv weight is duplicated before folding`() throws {
    let before = try model(
      """
      z = Conv (x, W)
      y = BatchNormalization (z, gamma, beta, mean, var)
      u = Conv (x, W)
      """, inputs: "float[1, 1, 5] x", output: "float[1, 2, 4] y, float[1, 2, 4] u",
      constants: "float[2, 1, 2] W = {1, 2, 3, 4}")
    let (after, _) = try RuleTest.rewrite(before, .foldIntoConv())
    #expect(after.text == ["y = Conv(x, y_weight, y_bias)", "u = Conv(x, W)"])
    #expect(try after.numbers("W") == [1, 2, 3, 4])
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([1, 1, 5])]) < 1e-13)
  }

  @Test func `a Conv whose result is read elsewhere keeps it`() throws {
    for (extra, output) in [("u = Relu (z)", "float[1, 2, 4] u"), ("", "float[1, 2, 4] z")] {
      let before = try model(
        "z = Conv (x, W) y = BatchNormalization (z, gamma, beta, mean, var) \(extra)",
        inputs: "float[1, 1, 5] x", output: "float[1, 2, 4] y, \(output)",
        constants: "float[2, 1, 2] W = {1, 2, 3, 4}")
      let (after, report) = try RuleTest.rewrite(before, .foldIntoConv())
      #expect(report.applications.isEmpty)
      #expect(after.operators.contains("BatchNormalization"))
      #expect(try !RuleTest.reasons(before, .foldIntoConv()).isEmpty)
    }
  }

  @Test func `a quantised weight is left alone, with the reason`() throws {
    let before = try model(
      """
      W = DequantizeLinear (Q, s)
      z = Conv (x, W)
      y = BatchNormalization (z, gamma, beta, mean, var)
      """, inputs: "float[1, 1, 5] x", output: "float[1, 2, 4] y",
      constants: "int8[2, 1, 2] Q = {1, 2, 3, 4}, float s = {0.5}")
    #expect(
      try RuleTest.reasons(before, .foldIntoConv()) == [
        "the weight 'W' is not a constant: it is quantised: DequantizeLinear computes it"
      ])
  }

  @Test func `a grouped ConvTranspose scales the outputs of each group`() throws {
    let before = try model(
      """
      z = ConvTranspose <group = 2> (x, W, c)
      y = BatchNormalization (z, gamma, beta, mean, var)
      """, inputs: "float[1, 4, 3] x", output: "float[1, 2, 4] y",
      constants: "float[4, 1, 2] W = {1, 2, 3, 4, 5, 6, 7, 8}, float[2] c = {5, 6}")
    try expectFolded(before, .foldIntoConvTranspose(), x: [1, 4, 3], operators: ["ConvTranspose"])
  }

  @Test(arguments: [
    ("transB = 0", "float[3, 2] W = {1, 2, 3, 4, 5, 6}", "[2, 3]"),
    ("transB = 1", "float[2, 3] W = {1, 2, 3, 4, 5, 6}", "[2, 3]"),
    ("transA = 1, alpha = 0.5, beta = 2.0", "float[3, 2] W = {1, 2, 3, 4, 5, 6}", "[3, 2]"),
  ])
  func `a Gemm takes it however its matrices lie`(
    attributes: String, weight: String, shape: String
  ) throws {
    for addend in [
      "float C = {3}", "float[2] C = {3, 4}", "float[2, 1] C = {3, 4}",
      "float[1, 2] C = {3, 4}", "float[2, 2] C = {3, 4, 5, 6}",
    ] {
      let before = try model(
        "z = Gemm <\(attributes)> (x, W, C) y = BatchNormalization (z, gamma, beta, mean, var)",
        inputs: "float\(shape) x", output: "float[2, 2] y", constants: "\(weight), \(addend)")
      try expectFolded(
        before, .foldIntoGemm(), x: shape == "[2, 3]" ? [2, 3] : [3, 2], operators: ["Gemm"])
    }
    let bare = try model(
      "z = Gemm <\(attributes)> (x, W) y = BatchNormalization (z, gamma, beta, mean, var)",
      inputs: "float\(shape) x", output: "float[2, 2] y", constants: weight)
    try expectFolded(
      bare, .foldIntoGemm(), x: shape == "[2, 3]" ? [2, 3] : [3, 2], operators: ["Gemm"])
  }

  @Test func `a MatMul takes the slope, and an Add the intercept`() throws {
    let before = try model(
      "z = MatMul (x, W) y = BatchNormalization (z, gamma, beta, mean, var)",
      inputs: "float[4, 3] x", output: "float[4, 2] y",
      constants: "float[3, 2] W = {1, 2, 3, 4, 5, 6}")
    try expectFolded(before, .foldIntoMatMul(), x: [4, 3], operators: ["MatMul", "Add"])
  }

  @Test func `the columns of a stack of products are not the channels`() throws {
    let before = try model(
      "z = MatMul (x, W) y = BatchNormalization (z, gamma, beta, mean, var)",
      inputs: "float[4, 2, 3] x", output: "float[4, 2, 2] y",
      constants: "float[3, 2] W = {1, 2, 3, 4, 5, 6}")
    #expect(
      try RuleTest.reasons(before, .foldIntoMatMul())
        == ["the product has rank 3: its columns are not the channels"])
  }

  @Test func `the Conv after takes all of it where nothing is padded`() throws {
    let before = try model(
      "z = BatchNormalization (x, gamma, beta, mean, var) y = Conv (z, W)",
      inputs: "float[1, 2, 5] x", output: "float[1, 1, 4] y",
      constants: "float[1, 2, 2] W = {1, 2, 3, 4}")
    try expectFolded(before, .foldIntoNextConv(), x: [1, 2, 5], operators: ["Conv"])
  }

  @Test func `with padding the Conv after takes the slope and the rest stays in front`() throws {
    let before = try model(
      "z = BatchNormalization (x, gamma, beta, mean, var) y = Conv <pads = [1, 1]> (z, W)",
      inputs: "float[1, 2, 5] x", output: "float[1, 1, 6] y",
      constants: "float[1, 2, 2] W = {1, 2, 3, 4}")
    try expectFolded(before, .foldIntoNextConv(), x: [1, 2, 5], operators: ["Add", "Conv"])
    let depthwise = try model(
      "z = BatchNormalization (x, gamma, beta, mean, var) "
        + "y = Conv <group = 2, auto_pad = \"SAME_UPPER\"> (z, W)",
      inputs: "float[1, 2, 5] x", output: "float[1, 2, 5] y",
      constants: "float[2, 1, 3] W = {1, 2, 3, 4, 5, 6}")
    try expectFolded(depthwise, .foldIntoNextConv(), x: [1, 2, 5], operators: ["Add", "Conv"])
  }

  @Test func `a slope of zero before padding is declined`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[1, 2, 5] x) => (float[1, 1, 6] y)
      <float[2] gamma = {0, 1}, float[2] one = {1, 1}, float[1, 2, 2] W = {1, 2, 3, 4}>
      {
        z = BatchNormalization (x, gamma, one, one, one)
        y = Conv <pads = [1, 1]> (z, W)
      }
      """)
    let (after, report) = try RuleTest.rewrite(before, .foldIntoNextConv())
    #expect(report.applications.isEmpty)
    #expect(after.operators == ["BatchNormalization", "Conv"])
  }

  @Test func `a Scale tail goes into gamma and beta`() throws {
    let before = try model(
      """
      z = BatchNormalization (x, gamma, beta, mean, var)
      ku = Unsqueeze <axes = [1]> (k)
      s = Mul (z, ku)
      y = Add (s, t)
      """, inputs: "float[1, 2, 5] x", output: "float[1, 2, 5] y",
      constants: "float[2] k = {3, 5}, float[1, 2, 1] t = {7, 11}", opset: 11)
    let (after, report) = try RuleTest.rewrite(
      before, .absorbScale(), .absorbShift(), .frozenAffine())
    _ = report
    #expect(after.operators.count <= 2 || after.operators.contains("Mul"))
    var surgery = before
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions())).perform(on: &surgery)
    #expect(surgery.operators == ["Mul", "Add"])
    #expect(try RuleTest.difference(before, surgery, ["x": RuleTest.noise([1, 2, 5])]) < 1e-13)
  }

  @Test func `a number that varies by position is no Scale`() throws {
    let before = try model(
      "z = BatchNormalization (x, gamma, beta, mean, var) y = Mul (z, k)",
      inputs: "float[1, 2, 2] x", output: "float[1, 2, 2] y", constants: "float[2] k = {3, 5}")
    let (_, report) = try RuleTest.rewrite(before, .absorbScale())
    #expect(report.applications.isEmpty)
  }
}
