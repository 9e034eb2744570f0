internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import Testing

/// BatchNormalizations whose gamma and beta are values of the graph.
struct GraphParametersTests {
  private func model(opset: Int = 13, type: String = "float") throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : \(opset)]>
      g (\(type)[2, 4, 3] x, \(type)[4] gamma, \(type)[4] beta) => (\(type)[2, 4, 3] y)
      <\(type)[4] mean = {1, 3, -2, 2}, \(type)[4] var = {3, 8, 15, 24}>
      { y = BatchNormalization <epsilon = 1.0> (x, gamma, beta, mean, var) }
      """)
  }

  private func perform(_ model: Model, _ options: NormalizationOptions) throws
    -> (Model, SurgeryReport)
  {
    var result = model
    let report = try NormalizationSurgery(NormalizationPlan(options)).perform(on: &result)
    return (result, report)
  }

  private let inputs = [
    "x": RuleTest.noise([2, 4, 3]), "gamma": Tensor([1.0, -2, 0, 4], shape: [4]),
    "beta": Tensor([0.5, 0, 1, -1], shape: [4]),
  ]

  @Test(
    arguments: [7, 9, 13, 21],
    [NormalizationOptions.Form.affine, .split, .fold])
  func `frozen statistics keep the function for any gamma and beta`(
    opset: Int, form: NormalizationOptions.Form
  ) throws {
    let before = try model(opset: opset)
    let (after, report) = try perform(before, NormalizationOptions(form: form))
    #expect(!after.operators.contains("BatchNormalization"))
    #expect(report.rewrittenCount == 1)
    #expect(try RuleTest.difference(before, after, inputs) < 1e-12)
  }

  @Test func `slope and intercept are computed in the graph`() throws {
    let (after, _) = try perform(try model(), NormalizationOptions(form: .affine))
    #expect(after.operators.sorted() == ["Add", "Add", "Mul", "Mul", "Mul", "Reshape", "Reshape"])
    let (folded, report) = try perform(try model(), NormalizationOptions(form: .fold))
    #expect(folded.operators.count == 7)
    #expect(report.rows[0].outcome == .rewritten(["frozen-affine"]))
  }

  @Test func `with previous statistics the first step is the frozen network`() throws {
    let before = try model()
    var welford = WelfordOptions()
    welford.normalization = .previous
    let (after, _) = try perform(
      before, NormalizationOptions(target: .welford, welford: welford))
    #expect(!after.operators.contains("BatchNormalization"))
    #expect(try RuleTest.difference(before, after, inputs) < 1e-12)
  }

  /// Where a sample's statistics are the running ones the function is the same for any gamma.
  @Test(arguments: [13, 21], [GroupOptions.Operators.native, .primitive])
  func `a group normalisation is matched for any gamma and beta`(
    opset: Int, operators: GroupOptions.Operators
  ) throws {
    var numbers: [Double] = []
    let offset = 1.5.squareRoot()
    for _ in 0..<2 {
      for (mean, variance) in zip([1.0, 3, -2, 2], [3.0, 8, 15, 24]) {
        let deviation = variance.squareRoot()
        numbers += [-offset, 0, offset].map { mean + $0 * deviation }
      }
    }
    var inputs = inputs
    inputs["x"] = Tensor(numbers, shape: [2, 4, 3])
    let before = try model(opset: opset)
    for groups in [1, 2, 4] {
      let (after, report) = try perform(
        before,
        NormalizationOptions(
          target: .groupnorm, grouping: .groups(groups), operators: operators))
      #expect(!after.operators.contains("BatchNormalization"))
      #expect(report.rows[0].notes.contains { $0.contains("gamma and beta are no constants") })
      #expect(try RuleTest.difference(before, after, inputs) < 1e-12)
    }
  }

  @Test func `half precision computes slope and intercept in single`() throws {
    let (after, _) = try perform(
      try model(opset: 15, type: "float16"), NormalizationOptions(form: .affine))
    #expect(after.operators.count { $0 == "Cast" } == 4)
  }

  @Test func `statistics that are no constants are declined by name`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[2, 4] x, float[4] mean) => (float[2, 4] y)
      <float[4] ones = {1, 1, 1, 1}>
      { y = BatchNormalization(x, ones, ones, mean, ones) }
      """)
    let (_, report) = try perform(before, NormalizationOptions(form: .affine))
    #expect(
      report.rows[0].outcome
        == .declined([.init("mean 'mean' is not a constant: it is an input of the graph")]))
  }

  @Test func `statistics that a function is given are declined with what to do`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15, "d" : 1]>
      g (float[2, 4] x) => (float[2, 4] y) <float[4] ones = {1, 1, 1, 1}>
      { y = d.F(x, ones) }
      <domain: "d", opset_import: ["" : 15]>
      F (p, c) => (q) { q = BatchNormalization(p, c, c, c, c) }
      """)
    let (_, report) = try perform(before, NormalizationOptions(form: .affine))
    #expect(
      report.rows[0].outcome
        == .declined([
          .init(
            "mean 'c' is not a constant: it is an input of the function, which each call gives",
            remedy: "inline the function first (onnx.inliner): each call then has a node of its own"
          )
        ]))
  }
}
