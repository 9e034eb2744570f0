internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import Testing

struct WelfordRuleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rank: Int
    var options: WelfordOptions
    var testDescription: String {
      "rank \(rank) \(options.count) \(options.maximum) \(options.unit) \(options.start) "
        + "\(options.normalization)"
    }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    var rank = 2
    for count in WelfordOptions.Count.allCases {
      for maximum in [16, 256, Double.infinity] where count == .capped || maximum.isFinite {
        for unit in WelfordOptions.Unit.allCases {
          for start in WelfordOptions.Start.allCases {
            for normalization in WelfordOptions.Normalization.allCases {
              cases.append(
                Case(
                  rank: rank,
                  options: WelfordOptions(
                    count: count, maximum: maximum, unit: unit, start: start,
                    normalization: normalization)))
              rank = rank == 5 ? 2 : rank + 1
            }
          }
        }
      }
    }
    return cases
  }()

  @Test(arguments: cases)
  func `fifty batches of any size agree with the recurrence`(test: Case) throws {
    let options = test.options
    let (after, report) = try RuleTest.rewrite(
      try StateTest.model(rank: test.rank), .welford { _ in options })
    #expect(report.fidelity == .stateful)
    for (precision, tolerance) in [(SessionOptions.Precision.double, 1e-12), (.single, 1e-6)] {
      var stream = try StateStream(after, precision: precision)
      var reference = WelfordRecurrence(
        options: options, mean: StateTest.mean, variance: StateTest.variance)
      for step in 0..<50 {
        let shape = [1 + (step * 5) % 8, 2] + [3, 2, 2, 2].prefix(test.rank - 2)
        let x = RuleTest.noise(shape, seed: step + 1)
        let batch = try #require(try x.float64Elements())
        let used = reference.update(batch: batch, shape: shape)
        let (y, state) = try stream.feed(x)
        let expected = StateTest.normalized(
          batch, shape: shape, mean: used.mean, variance: used.variance)
        #expect(StateTest.relativeDifference(expected, y) < 4 * tolerance)
        let deviation = reference.state.variance.map { $0.squareRoot() }.max() ?? 1
        #expect(
          StateTest.relativeDifference(reference.state.mean, state["y.mean"] ?? [], unit: deviation)
            < tolerance)
        #expect(StateTest.relativeDifference(reference.state.m2, state["y.m2"] ?? []) < tolerance)
        if options.count == .capped {
          #expect(state["y.count"] == [reference.state.count])
        }
      }
    }
  }

  @Test func `with a pretrained start and previous statistics step one is the frozen network`()
    throws
  {
    let before = try StateTest.model(rank: 4)
    let (after, _) = try RuleTest.rewrite(
      before, .welford { _ in WelfordOptions(normalization: .previous) })
    #expect(
      try RuleTest.difference(before, after, ["x": RuleTest.noise([3, 2, 3, 2])]) < 1e-12)
  }

  @Test func `at mean 1000 the variance is right in Float32`() throws {
    let (after, _) = try RuleTest.rewrite(
      try StateTest.model(rank: 3),
      .welford { _ in WelfordOptions(count: .capped, maximum: .infinity, start: .standard) })
    var stream = try StateStream(after, precision: .single)
    var reference = WelfordRecurrence(
      options: WelfordOptions(count: .capped, maximum: .infinity, start: .standard),
      mean: StateTest.mean,
      variance: StateTest.variance)
    var last: [String: [Double]] = [:]
    for step in 0..<100 {
      let noise = try #require(
        try RuleTest.noise([4, 2, 3], seed: step).float64Elements())
      let x = Tensor(
        noise.map { Float(1000 + $0 * 3.0.squareRoot()) }, shape: [4, 2, 3])
      _ = reference.update(batch: try #require(try x.float64Elements()), shape: [4, 2, 3])
      last = try stream.feed(x).state
    }
    let count = try #require(last["y.count"]?.first)
    let variance = try #require(last["y.m2"]).map { $0 / count }
    #expect(StateTest.relativeDifference(reference.state.variance, variance) < 1e-3)
    #expect(variance.allSatisfy { abs($0 - 1) < 0.1 })
  }

  @Test(arguments: [9, 11, 13, 17, 18, 21])
  func `operators are spelled as the opset has them`(opset: Int) throws {
    let (after, _) = try RuleTest.rewrite(try StateTest.model(rank: 4, opset: opset), .welford())
    let mean = try #require(after.first("ReduceMean"))
    #expect((after[mean].ints("axes") == [0, 2, 3]) == (opset < 18))
    #expect(after[mean].inputs.count == (opset < 18 ? 1 : 2))
    #expect(after.opset(in: after.mainGraph) == opset)
  }

  @Test func `state is named after the node and listed in the metadata`() throws {
    var after = try StateTest.model(rank: 4)
    let report = try NormalizationSurgery(
      NormalizationPlan(NormalizationOptions(target: .welford))
    ).perform(on: &after)
    #expect(report.rewrittenCount == 1)
    let pairs = after.header.metadata.first { $0.key == "surgeon.state" }?.value
    #expect(pairs == #"[["y.mean", "y.mean.next"], ["y.m2", "y.m2.next"]]"#)
    #expect(
      after[after.mainGraph].outputs.map { after[$0].name } == [
        "y", "y.mean.next", "y.m2.next",
      ])
  }

  @Test func `where state cannot live the reason is said`() throws {
    let old = try Model.oneNorm(opset: 8, shape: "1, 2, 3", irVersion: 4)
    #expect(
      try RuleTest.reasons(old, .welford())
        == ["the model uses opset 8, the rule needs 9 or later"])
    let listed = try Model.oneNorm(opset: 9, shape: "1, 2, 3", irVersion: 3)
    #expect(
      try RuleTest.reasons(listed, .welford()) == [
        "the file has IR version 3, in which an input cannot have a default: state needs version 4"
      ])
  }

  @Test func `a body is declined with what its state would need`() throws {
    let body = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[1, 2, 3] x, bool c) => (float[1, 2, 3] y)
      <float[2] gamma = {2, -3}, float[2] beta = {1, 0.5}, float[2] mean = {4, -1},
       float[2] var = {3, 8}>
      {
        y = If (c) <
          then_branch = t () => (float[1, 2, 3] a)
            { a = BatchNormalization (x, gamma, beta, mean, var) },
          else_branch = e () => (float[1, 2, 3] b) { b = Relu(x) }>
      }
      """)
    #expect(
      try RuleTest.reasons(body, .welford()) == [
        "the node stands in a body of If 'y', which does not always run: state that the caller "
          + "feeds back must be an input and an output of the main graph"
      ])
  }

  @Test func `half precision keeps its state in Float32`() throws {
    var builder = ModelBuilder(opset: 15)
    let x = builder.input("x", [3, 2, 4], type: .float16)
    builder.output(
      builder.batchNorm(
        x, "y", gamma: StateTest.gamma, beta: StateTest.beta, mean: StateTest.mean,
        variance: StateTest.variance, type: .float16))
    let (after, _) = try RuleTest.rewrite(builder.model, .welford())
    let state = try #require(after.value(named: "y_node.m2", in: after.mainGraph))
    #expect(after[state].type == .tensor(.float32, Shape([2])))
    #expect(after.operators.first == "Cast")
    #expect(after.operators.last == "Cast")
  }
}
