internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import Testing

/// Normalisations that an exporter has spelled in elementwise operators.
@Suite struct RecomposedSurgeryTests {
  private func model() throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[1,2,4,4] x) => (float[1,2,4,4] y)
      <float[2,2,1,1] w = {1, 2, 3, 4}, float[2,1,1] mean = {1, -1}, float[2,1,1] var = {0.75, 3.75},
       float eps = {0.25}, float[2,1,1] gamma = {2, 4}, float[2,1,1] beta = {5, 6}> {
        f = Conv (x, w)
        c = Sub (f, mean)
        v = Add (var, eps)
        d = Sqrt (v)
        n = Div (c, d)
        s = Mul (n, gamma)
        y = Add (s, beta)
      }
      """)
  }

  private func surgery(
    _ options: NormalizationOptions
  ) throws -> (operators: [String], report: SurgeryReport) {
    var model = try model()
    let report = try NormalizationSurgery(NormalizationPlan(options)).perform(on: &model)
    model.checkInvariants()
    return (model.allNodes.map { model[$0].opType }, report)
  }

  @Test func `a fold takes a decomposed normalisation too, and says what it was`() throws {
    let (operators, report) = try surgery(NormalizationOptions(form: .fold))
    #expect(operators == ["Conv"])
    #expect(report.rows.map(\.outcome) == [.rewritten(["recompose-batch-norm", "fold-into-conv"])])
    #expect(
      report.rows[0].notes
        == ["it was spelled in elementwise operators, and is one node again first"])
  }

  @Test func `for frozen statistics in nodes of their own nothing is to be done`() throws {
    let (operators, report) = try surgery(NormalizationOptions())
    #expect(operators == ["Conv", "Sub", "Add", "Sqrt", "Div", "Mul", "Add"])
    #expect(report.rows.isEmpty)
  }

  @Test func `a normalisation that goes no further keeps its spelling`() throws {
    let (operators, report) = try surgery(
      NormalizationOptions(target: .groupnorm, grouping: .groups(3)))
    #expect(operators == ["Conv", "Sub", "Add", "Sqrt", "Div", "Mul", "Add"])
    #expect(report.applications.isEmpty)
  }

  @Test func `asked for, a BatchNormalization is made and stays`() throws {
    let (operators, report) = try surgery(NormalizationOptions(target: .batchnorm))
    #expect(operators == ["Conv", "BatchNormalization"])
    #expect(report.rewrittenCount == 1)
  }
}
