internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import Testing

struct FreezeTrainingRuleTests {
  private func training(outputs: String, extra: String = "") throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[4, 2] x) => (\(outputs))
      <float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, float[2] mean = {4, -1},
       float[2] var = {3, 8}>
      {
        y, m, v = BatchNormalization <training_mode = 1> (x, gamma, beta, mean, var)
        \(extra)
      }
      """)
  }

  @Test func `training mode becomes inference mode and the further outputs go`() throws {
    let before = try training(outputs: "float[4, 2] y")
    let (after, report) = try RuleTest.rewrite(before, .freezeTraining())
    #expect(after.text == ["y = BatchNormalization(x, gamma, beta, mean, var)"])
    #expect(report.fidelity == .approximate)
    let node = try #require(after.first("BatchNormalization"))
    #expect(try BatchNormalization(node, in: after)?.mode == .inference)
  }

  @Test func `a running statistic that is an output stays what it was`() throws {
    let before = try training(outputs: "float[4, 2] y, float[2] m")
    let (after, _) = try RuleTest.rewrite(before, .freezeTraining())
    #expect(after.text.contains("m = Identity(mean)"))
    let outputs = try RuleTest.run(after, ["x": RuleTest.noise([4, 2])])
    #expect(try outputs["m"]?.float64Elements() == [4, -1])
  }

  @Test func `a saved statistic that is read has no stand-in`() throws {
    var builder = ModelBuilder(opset: 13)
    let x = builder.input("x", [4, 1])
    let y = builder.batchNorm(
      x, "y", gamma: [2], beta: [3], mean: [4], variance: [5],
      extraOutputs: ["m", "v", "sm", "sv"])
    builder.output(y)
    builder.output(try #require(builder.model.value(named: "sm", in: builder.graph)))
    let (_, report) = try RuleTest.rewrite(builder.model, .freezeTraining())
    #expect(report.applications.isEmpty)
    #expect(
      try RuleTest.reasons(builder.model, .freezeTraining())
        == ["the batch statistic 'sm' is read; with frozen statistics nothing computes it"])
  }

  @Test func `asked to be frozen, a training node is left and says why`() throws {
    var model = try training(outputs: "float[4, 2] y")
    let report = try NormalizationSurgery(NormalizationPlan(NormalizationOptions()))
      .perform(on: &model)
    guard case .declined(let reasons) = report.rows[0].outcome else {
      Issue.record("\(report.rows[0].outcome)")
      return
    }
    #expect(
      reasons.contains { $0.text.contains("training mode") && $0.text.contains("would change") })
    #expect(model.operators == ["BatchNormalization"])
  }

  @Test func `a training node that its target declines is still in training mode`() throws {
    // [4, 2] has no positions: an instance would be one number.
    var model = try training(outputs: "float[4, 2] y")
    let options = NormalizationOptions(target: .instancenorm)
    let report = try NormalizationSurgery(NormalizationPlan(options)).perform(on: &model)
    guard case .declined(let reasons) = report.rows[0].outcome else {
      Issue.record("\(report.rows[0].outcome)")
      return
    }
    #expect(reasons.contains { $0.text.contains("every output would be beta") })
    #expect(report.rows[0].notes == [])
    #expect(report.rows[0].options.target == .instancenorm)
    #expect(report.applications.isEmpty)
    let node = try #require(model.first("BatchNormalization"))
    #expect(model[node].outputs.count == 3)
    #expect(try BatchNormalization(node, in: model)?.mode != .inference)
  }
}
