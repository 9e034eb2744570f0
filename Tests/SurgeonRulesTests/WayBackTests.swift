internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import Testing

struct WayBackTests {
  private func roundTrip(
    _ there: NormalizationOptions, back: NormalizationOptions,
    state: [String: Tensor] = [:]
  ) throws -> (before: Model, after: Model) {
    let before = try StateTest.model(rank: 4)
    var after = before
    _ = try NormalizationSurgery(NormalizationPlan(there)).perform(on: &after)
    var surgery = NormalizationSurgery(NormalizationPlan(back))
    surgery.state = state
    _ = try surgery.perform(on: &after)
    after.checkInvariants()
    return (before, after)
  }

  @Test(
    arguments: [NormalizationOptions.Target.welford, .running],
    WelfordOptions.Normalization.allCases)
  func `what went in comes out`(
    target: NormalizationOptions.Target, normalization: WelfordOptions.Normalization
  ) throws {
    for count in WelfordOptions.Count.allCases {
      let there = NormalizationOptions(
        target: target, welford: WelfordOptions(count: count, normalization: normalization))
      let (before, after) = try roundTrip(there, back: NormalizationOptions(target: .batchnorm))
      #expect(after.operators == ["BatchNormalization"])
      #expect(after[after.mainGraph].inputs.map { after[$0].name } == ["x"])
      #expect(after[after.mainGraph].outputs.map { after[$0].name } == ["y"])
      #expect(after.header.metadata.isEmpty)
      let x = RuleTest.noise([3, 2, 3, 2])
      #expect(try RuleTest.difference(before, after, ["x": x]) < 1e-7)
    }
  }

  @Test func `a state file decides the statistics`() throws {
    let (_, after) = try roundTrip(
      NormalizationOptions(target: .welford), back: NormalizationOptions(target: .batchnorm),
      state: ["y.mean.next": Tensor([Float(10), 20]), "y.m2": Tensor([Float(2048), 4096])])
    let node = try #require(after.first("BatchNormalization"))
    let norm = try #require(try BatchNormalization(node, in: after))
    let parameters = try BatchNormalizationParameters(of: norm, in: after)
    #expect(parameters.mean == [10, 20])
    #expect(parameters.variance == [1, 2])
  }

  @Test func `a state of the wrong length turns nothing back`() throws {
    var model = try StateTest.model(rank: 4)
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .welford)))
      .perform(on: &model)
    var surgery = NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .batchnorm)))
    surgery.state = ["y.mean": Tensor([Float(1)])]
    let report = try surgery.perform(on: &model)
    #expect(report.applications.isEmpty)
    #expect(!model.operators.contains("BatchNormalization"))
  }

  @Test func `statistics that kept running can be frozen at once`() throws {
    let (before, after) = try roundTrip(
      NormalizationOptions(target: .welford), back: NormalizationOptions(target: .frozen))
    #expect(after.operators == ["Mul", "Add"])
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([3, 2, 3, 2])]) < 1e-7)
  }

  @Test func `the node gets its name back, by which a plan finds it`() throws {
    var builder = ModelBuilder(opset: 15)
    let x = builder.input("x", [3, 2, 4])
    builder.output(
      builder.batchNorm(
        x, "y", gamma: StateTest.gamma, beta: StateTest.beta, mean: StateTest.mean,
        variance: StateTest.variance))
    for there in [
      NormalizationOptions(target: .welford), NormalizationOptions(form: .split),
      NormalizationOptions(target: .welford, callsFunction: true),
    ] {
      var model = builder.model
      _ = try NormalizationSurgery(NormalizationPlan(there)).perform(on: &model)
      let back = NormalizationPlan([
        .init(only: ["y_no*"], options: NormalizationOptions(target: .batchnorm))
      ])
      _ = try NormalizationSurgery(back).perform(on: &model)
      let node = try #require(model.first("BatchNormalization"))
      #expect(model[node].name.hasPrefix("y_node"))
      #expect(model.operators.last == "BatchNormalization")
    }
  }

  @Test func `a gamma that an optimiser laid across X is taken back`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[3, 2, 4] x) => (float[3, 2, 4] y)
      <float[2, 1] mean = {1, 2}, float[2, 1] inverse = {0.5, 0.25}, float[2, 1] gamma = {3, 4},
       float[1, 2, 1] beta = {5, 6}>
      {
        centered = Sub(x, mean)
        normalized = Mul(centered, inverse)
        scaled = Mul(normalized, gamma)
        y = Add(scaled, beta)
      }
      """)
    var after = model
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .batchnorm)))
      .perform(on: &after)
    #expect(after.operators == ["BatchNormalization"])
    #expect(try RuleTest.difference(model, after, ["x": RuleTest.noise([3, 2, 4])]) < 1e-7)
  }

  @Test func `the split form becomes a BatchNormalization again`() throws {
    let (before, after) = try roundTrip(
      NormalizationOptions(form: .split), back: NormalizationOptions(target: .batchnorm))
    #expect(after.operators == ["BatchNormalization"])
    let node = try #require(after.first("BatchNormalization"))
    #expect(
      after[node].inputs.dropFirst().prefix(2).map { $0.map { after[$0].name } } == [
        "gamma", "beta",
      ])
    #expect(try RuleTest.difference(before, after, ["x": RuleTest.noise([3, 2, 3, 2])]) < 1e-12)
  }
}
