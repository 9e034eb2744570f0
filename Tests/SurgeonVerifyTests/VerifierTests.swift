internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonVerify
internal import Testing

struct VerifierTests {
  private func model(_ body: String) throws -> Model {
    try OnnxText.parse("<ir_version: 8, opset_import: [\"\": 13]> " + body)
  }

  private func verify(
    _ before: Model, _ after: Model, _ options: Verifier.Options = .init(), samples: Int = 1
  ) throws -> VerificationReport {
    try Verifier(options: options).verify(
      before, after, samples: try RandomInputs(for: before, samples: samples))
  }

  @Test func `the same model is identical`() throws {
    let model = try model("g (float[2, 3] x) => (float[2, 3] y) { y = Relu(x) }")
    let report = try verify(model, model)
    #expect(report.verdict == .identical)
    #expect(report.outputs.map(\.name) == ["y"])
  }

  @Test func `rounding is equal within tolerance`() throws {
    let before = try model(
      "g (float[8, 8] x) => (float[8, 8] y) { h = Mul(x, x) y = Add(h, x) }")
    let after = try model(
      """
      g (float[8, 8] x) => (float[8, 8] y) <float one = {1.0}> { h = Add(x, one) y = Mul(h, x) }
      """)
    let report = try verify(before, after, samples: 3)
    #expect(report.verdict == .equal)
    #expect(report.samples == 3)
    #expect(report.outputs[0].drift.relative < 1e-6)
    #expect(report.outputs[0].drift.count == 192)
  }

  @Test func `a difference is found, in Float64 as well`() throws {
    let before = try model("g (float[8] x) => (float[8] y) { y = Sin(x) }")
    let after = try model("g (float[8] x) => (float[8] y) { y = Tanh(x) }")
    let report = try verify(before, after)
    #expect(report.verdict == .different)
    #expect(report.doubleOutputs?.count == 1)
    #expect(!report.holds)
  }

  @Test func `what only rounding makes large is told apart in Float64`() throws {
    // (x + 1e6) - 1e6 keeps one digit of x in Float32.
    let before = try model("g (float[8] x) => (float[8] y) { y = Identity(x) }")
    let after = try model(
      """
      g (float[8] x) => (float[8] y) <float big = {1000000.0}>
      { h = Add(x, big) y = Sub(h, big) }
      """)
    let report = try verify(before, after)
    #expect(report.verdict == .equalUpToRounding)
    #expect(report.holds)
    let relative = try #require(report.worst?.drift.relative)
    #expect(relative < 1e-9)
  }

  @Test func `a constant output is evidence of nothing`() throws {
    let before = try model(
      "g (float[8] x) => (float[8] y) <float zero = {0.0}> { y = Mul(x, zero) }")
    let after = try model(
      "g (float[8] x) => (float[8] y) <float zero = {0.0}> { h = Mul(x, x) y = Mul(h, zero) }")
    let report = try verify(before, after)
    #expect(report.verdict == .inconclusive)
    #expect(report.outputs[0].drift.isDegenerate)
  }

  @Test func `renamed inputs and outputs are counterparts by position`() throws {
    let before = try model("g (float[4] x) => (float[4] y) { y = Exp(x) }")
    let after = try model("g (float[4] a) => (float[4] b) { b = Exp(a) }")
    let report = try verify(before, after)
    #expect(report.verdict == .identical)
    #expect(report.outputs[0].nameAfter == "b")
  }

  @Test func `an added state keeps its default, and its next value is no output to compare`() throws
  {
    let before = try model("g (float[4] x) => (float[4] y) { y = Exp(x) }")
    let after = try model(
      """
      g (float[4] x, float s = {0.0}) => (float[4] y, float s_next)
      { h = Exp(x) y = Add(h, s) s_next = ReduceMean<keepdims = 0>(x) }
      """)
    let report = try verify(before, after)
    #expect(report.verdict == .identical)
    #expect(report.outputsOnlyAfter == ["s_next"])
  }

  @Test func `a lost output is a difference`() throws {
    let before = try model(
      "g (float[4] x) => (float[4] y, float[4] z) { y = Exp(x) z = Sin(x) }")
    let after = try model("g (float[4] x) => (float[4] y) { y = Exp(x) }")
    let report = try verify(before, after)
    #expect(report.verdict == .different)
    #expect(report.outputsOnlyBefore == ["z"])
  }

  @Test func `another shape is incomparable`() throws {
    let before = try model("g (float[4] x) => (float[4] y) { y = Exp(x) }")
    let after = try model(
      "g (float[4] x) => (float s) { s = ReduceMean<keepdims = 0>(x) }")
    let report = try verify(before, after)
    #expect(report.outputs[0].finding == .incomparable)
    #expect(report.outputs[0].mismatch == "shape [4] and shape []")
  }

  @Test func `what draws at random is named where it computes an output that differs`() throws {
    let before = try model(
      """
      g (float[2, 9] x, bool c) => (int32[2, 4] drawn, float[2, 9] y, float[2, 9] z) {
        drawn = Multinomial<sample_size = 4>(x)
        noise = RandomNormalLike(x)
        y = Add(x, noise)
        z = If (c) <
          then_branch = one () => (float[2, 9] a) { m = RandomUniformLike(x) a = Mul(m, x) },
          else_branch = two () => (float[2, 9] b) { b = Neg(x) }
        >
      }
      """)
    let after = try model(
      """
      g (float[2, 9] x, bool c) => (int32[2, 4] drawn, float[2, 9] y, float[2, 9] z) {
        drawn = Multinomial<sample_size = 4>(x)
        y = Add(x, x)
        z = Mul(x, x)
      }
      """)
    let report = try verify(before, after)
    #expect(report.verdict == .different)
    // drawn is drawn alike.
    #expect(report.outputs.map(\.isGood) == [true, false, false])
    #expect(report.randomNodesBefore.map(\.opType) == ["RandomNormalLike", "RandomUniformLike"])
    #expect(report.randomNodesBefore.map(\.place) == [nil, "body of If 'z'"])
    #expect(report.randomNodesAfter == [])
    #expect(try verify(before, before).randomNodesBefore == [])
  }

  @Test func `a random node of a function is named, and one seed is one draw`() throws {
    func text(_ noise: String) -> String {
      """
      <ir_version: 8, opset_import: ["": 17, "own": 1]>
      g (float[8] x) => (float[8] y) { y = own.Noisy(x) }
      <domain: "own", opset_import: ["": 17]>
      Noisy (x) => (y) { \(noise) y = Add(x, n) }
      """
    }
    let before = try OnnxText.parse(text("n = RandomNormalLike(x)"))
    let seeded = try OnnxText.parse(text("n = RandomNormalLike<seed = 3.0>(x)"))
    let report = try verify(before, seeded)
    #expect(report.randomNodesBefore.map(\.place) == ["function Noisy"])
    #expect(report.randomNodesAfter.map(\.name) == ["n"])
    let renamed = try OnnxText.parse(text("[other] n = RandomNormalLike<seed = 3.0>(x)"))
    #expect(try verify(seeded, renamed).verdict == .identical)
  }

  @Test func `an input that nothing supplies is an error that names it`() throws {
    let before = try model("g (float[4] x) => (float[4] y) { y = Exp(x) }")
    let after = try model("g (float[4] x, float[4] k) => (float[4] y) { y = Mul(x, k) }")
    let error = #expect(throws: SurgeonError.self) { try verify(before, after) }
    #expect(error?.detail == "'k'")
  }

  @Test func `a tolerance of the user's is the whole criterion`() throws {
    let before = try model("g (float[8] x) => (float[8] y) { y = Sin(x) }")
    let after = try model("g (float[8] x) => (float[8] y) { y = Tanh(x) }")
    var options = Verifier.Options()
    options.absoluteTolerance = 10
    #expect(try verify(before, after, options).verdict == .equal)
    options.absoluteTolerance = 0
    options.tolerances = ["y": Tolerance(absolute: 10, relative: 0)]
    #expect(try verify(before, after, options).verdict == .equal)
  }
}
