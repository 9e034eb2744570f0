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

  @Test(arguments: [
    (["y.mean": [1]], "state 'y.mean' has shape [2]"),
    (["mean": [1, 2]], "none of the given tensors is a state of the model"),
  ])
  func `a state that is not of the model is an error, and the model stays`(
    state: [String: [Float]], message: String
  ) throws {
    var model = try StateTest.model(rank: 4)
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .welford)))
      .perform(on: &model)
    let operators = model.operators
    var surgery = NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .batchnorm)))
    surgery.state = state.mapValues { Tensor($0) }
    let error = #expect(throws: SurgeonError.self) { try surgery.perform(on: &model) }
    #expect(error?.message == message)
    #expect(model.operators == operators)
  }

  @Test func `what a state file lacks is told`() throws {
    var model = try StateTest.model(rank: 4)
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .welford)))
      .perform(on: &model)
    var surgery = NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .batchnorm)))
    var other = model
    let report = try surgery.perform(on: &other)
    #expect(report.defaultedStates == [])
    surgery.state = ["y.mean.next": Tensor([Float(10), 20])]
    let part = try surgery.perform(on: &model)
    #expect(part.defaultedStates == ["y.m2"])
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

  @Test(arguments: [
    NormalizationOptions(target: .welford, welford: WelfordOptions(count: .capped)),
    NormalizationOptions(target: .welford, callsFunction: true),
    NormalizationOptions(target: .running),
    NormalizationOptions(
      target: .running, welford: WelfordOptions(count: .capped, start: .standard)),
    NormalizationOptions(form: .split),
  ])
  func `names that the parameters have already are no hindrance`(
    there: NormalizationOptions
  ) throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[3, 2, 4] x) => (float[3, 2, 4] y)
      <float[2] "bn.weight" = {1, 2}, float[2] "bn.bias" = {3, -4}, float[2] "bn.mean" = {0.5, -1},
       float[2] "bn.var" = {1, 2}, float[2] "bn.count" = {1, 1}, float[2] bn_shifted = {1, 1},
       int64[3] shape = {1, 2, 1}>
      {
        [bn] n = BatchNormalization (x, "bn.weight", "bn.bias", "bn.mean", "bn.var")
        [bn] m = BatchNormalization (n, "bn.weight", "bn.bias", "bn.mean", "bn.var")
        c = Mul ("bn.count", bn_shifted)
        r = Reshape (c, shape)
        y = Add (m, r)
      }
      """)
    var after = model
    _ = try NormalizationSurgery(NormalizationPlan(there)).perform(on: &after)
    #expect(!after.operators.contains("BatchNormalization"))
    _ = try NormalizationSurgery(NormalizationPlan(NormalizationOptions(target: .batchnorm)))
      .perform(on: &after)
    let nodes = after.allNodes.filter { after[$0].opType == "BatchNormalization" }
    #expect(nodes.count == 2 && nodes.allSatisfy { after[$0].name.hasPrefix("bn") })
    #expect(after[after.mainGraph].inputs.map { after[$0].name } == ["x"])
    #expect(after[after.mainGraph].outputs.map { after[$0].name } == ["y"])
    guard there.welford.start == .pretrained else { return }
    #expect(try RuleTest.difference(model, after, ["x": RuleTest.noise([3, 2, 4])]) < 1e-6)
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
