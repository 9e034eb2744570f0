internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import Testing

struct StopDropoutRuleTests {
  @Test(
    arguments: [
      (1, "y, m = Dropout (x)", ["y, m = Dropout(x)"]),
      (6, "y, m = Dropout <ratio = 0.9> (x)", ["y, m = Dropout(x)"]),
      (12, "y, m = Dropout (x, most, on)", ["y, m = Dropout(x, most)"]),
      (
        13, "true = Constant <value = bool {1}> () y, m = Dropout (x, , true)",
        ["y, m = Dropout(x)"]
      ),
    ])
  func `whatever the opset, the input is passed on and the mask is true`(
    opset: Int, nodes: String, wanted: [String]
  ) throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : \(opset)]>
      g (float[4, 25] x) => (float[4, 25] y, \(opset < 10 ? "float" : "bool")[4, 25] m)
      <float most = {0.9}, bool on = {1}> { \(nodes) }
      """)
    let (after, report) = try RuleTest.rewrite(before, .stopDropout())
    #expect(report.applications.map(\.subjectName) == ["y"])
    #expect(report.fidelity == .approximate)
    #expect(after.text == wanted)
    #expect(try after.trainingDropouts().isEmpty)
    let x = RuleTest.noise([4, 25])
    #expect(try RuleTest.run(before, ["x": x])["y"]?.float64Elements() != x.float64Elements())
    let outputs = try RuleTest.run(after, ["x": x])
    #expect(try outputs["y"]?.float64Elements() == x.float64Elements())
    let mask = try #require(outputs["m"])
    #expect(
      try mask.float64Elements() ?? mask.intElements()?.map(Double.init)
        == Array(repeating: 1, count: 100))
  }

  @Test func `a mode that a caller decides is left to the caller`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[4] x, bool mode) => (float[4] y) <float half = {0.5}>
      { y = Dropout (x, half, mode) }
      """)
    let (after, report) = try RuleTest.rewrite(before, .stopDropout())
    #expect(report.applications.isEmpty)
    #expect(after.text == before.text)
    #expect(
      try RuleTest.reasons(before, .stopDropout(), about: "Dropout")
        == ["not so: the Dropout is in training mode"])
  }

  /// A BatchNormalization in training mode, a Dropout behind it and one in a function.
  private func training() throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15, "own" : 1]>
      g (float[4, 2] x) => (float[4, 2] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}, float half = {0.5}, bool on = {1}>
      {
        n, m, v = BatchNormalization <training_mode = 1> (x, one, zero, zero, one)
        d = Dropout (n, half, on)
        y = own.noisy (d)
      }
      <domain: "own", opset_import: ["" : 15]>
      noisy (a) => (b)
      {
        true = Constant <value = bool {1}> ()
        b = Dropout (a, , true)
      }
      """)
  }

  private func perform(
    _ plan: NormalizationPlan, on model: inout Model
  ) throws -> SurgeryReport {
    try NormalizationSurgery(plan).perform(on: &model)
  }

  @Test func `the way to inference mode is one for Dropouts too, and the plan says so`() throws {
    var model = try training()
    let report = try perform(
      NormalizationPlan(NormalizationOptions(target: .batchnorm)), on: &model)
    #expect(report.stoppedDropouts == ["d", "b"])
    #expect(report.rewrittenCount == 1)
    #expect(report.fidelity == .approximate)
    #expect(try model.trainingDropouts().isEmpty)
    model.checkInvariants()
    #expect(report.plan.entries.map(\.only) == [["n"], ["d", "b"]])
    var again = try training()
    let replayed = try perform(report.plan, on: &again)
    #expect(replayed.stoppedDropouts == report.stoppedDropouts)
    #expect(again.text == model.text)
  }

  @Test func `what the plan leaves out drops as it did`() throws {
    var model = try training()
    let report = try perform(
      NormalizationPlan([
        .init(only: ["b"], options: NormalizationOptions(target: .keep)),
        .init(options: NormalizationOptions(target: .batchnorm)),
      ]), on: &model)
    #expect(report.stoppedDropouts == ["d"])
    #expect(try model.trainingDropouts().map { model.label(of: $0) } == ["b"])
  }

  @Test(arguments: [NormalizationOptions.Target.frozen, .welford, .layernorm])
  func `another target leaves Dropouts to whoever trains on`(
    target: NormalizationOptions.Target
  ) throws {
    var model = try training()
    let report = try perform(NormalizationPlan(NormalizationOptions(target: target)), on: &model)
    #expect(report.stoppedDropouts.isEmpty)
    #expect(try model.trainingDropouts().count == 2)
  }
}
