internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRules
internal import SurgeonRuntime
internal import Testing

struct RunningRuleTests {
  @Test(arguments: WelfordOptions.Start.allCases, WelfordOptions.Normalization.allCases)
  func `batches of one, two and eight agree with the recurrence`(
    start: WelfordOptions.Start, normalization: WelfordOptions.Normalization
  ) throws {
    let (after, _) = try RuleTest.rewrite(
      try StateTest.model(rank: 4),
      .running { _ in
        RunningOptions(momentum: 0.875, start: start, normalization: normalization)
      })
    for (precision, tolerance) in [(SessionOptions.Precision.double, 1e-12), (.single, 2e-6)] {
      var stream = try StateStream(after, precision: precision)
      var reference = RunningRecurrence(
        momentum: 0.875, start: start, normalization: normalization, mean: StateTest.mean,
        variance: StateTest.variance)
      for step in 0..<30 {
        let shape = [[1, 2, 8][step % 3], 2, 3, 2]
        let x = RuleTest.noise(shape, seed: step + 1)
        let batch = try #require(try x.float64Elements())
        let used = reference.update(batch: batch, shape: shape)
        let (y, state) = try stream.feed(x)
        let expected = StateTest.normalized(
          batch, shape: shape, mean: used.mean, variance: used.variance)
        #expect(StateTest.relativeDifference(expected, y) < 4 * tolerance)
        #expect(StateTest.relativeDifference(reference.mean, state["y.mean"] ?? []) < tolerance)
        #expect(StateTest.relativeDifference(reference.variance, state["y.var"] ?? []) < tolerance)
      }
    }
  }

  @Test func `a momentum that never moves is declined`() throws {
    let before = try Model.oneNorm(opset: 15, shape: "1, 2", attributes: ", momentum = 1.0")
    #expect(
      try RuleTest.reasons(before, .running())
        == ["its momentum is 1.0: the statistics would never move"])
  }
}
