internal import SurgeonData
internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonVerify
internal import Testing

struct LockStepTests {
  private func model(_ body: String) throws -> Model {
    try OnnxText.parse("<ir_version: 8, opset_import: [\"\": 13]> " + body)
  }

  private func drifts(_ before: Model, _ after: Model) throws -> [LockStep.ValueDrift] {
    let correspondence = try StructuralDiff(before, after).correspondence
    let lockStep = try LockStep(before, after, correspondence: correspondence)
    return try lockStep.run(try RandomInputs(for: before))
  }

  @Test func `every value that has a counterpart is compared, in the first model's order`() throws {
    let before = try model(
      "g (float[8] x) => (float[8] y) { a = Sin(x) b = Exp(a) y = Relu(b) }")
    let after = try model(
      "g (float[8] p) => (float[8] q) { r = Sin(p) s = Exp(r) q = Relu(s) }")
    let drifts = try drifts(before, after)
    #expect(drifts.map(\.name) == ["a", "b", "y"])
    #expect(drifts.map(\.nameAfter) == ["r", "s", "q"])
    #expect(drifts.map(\.drift.differingCount).max() == 0)
    #expect(Divergence(drifts, in: after) == nil)
  }

  @Test func `the first divergence is named, with the way from what still agrees`() throws {
    let before = try model(
      """
      g (float[8] x) => (float[8] y) <float k = {2.0}> {
        a = Sin(x)
        b = LeakyRelu<alpha = 0.5>(a)
        c = Mul(b, k)
        y = Exp(c)
      }
      """)
    let after = try model(
      """
      g (float[8] x) => (float[8] y) <float k = {2.0}> {
        a = Sin(x)
        b = LeakyRelu<alpha = 0.25>(a)
        c = Mul(b, k)
        y = Exp(c)
      }
      """)
    let drifts = try drifts(before, after)
    #expect(drifts.map(\.isDivergence) == [false, true, true, true])
    let divergence = try #require(Divergence(drifts, in: after))
    #expect(divergence.value.name == "b")
    #expect(divergence.path.map(\.opType) == ["LeakyRelu"])
    #expect(divergence.agreeing == ["a"])
  }

  @Test func `nodes in another order wait for their counterparts`() throws {
    let before = try model(
      """
      g (float[8] x) => (float[8] y) { a = Sin(x) b = Cos(x) c = Exp(x) d = Add(a, b) y = Add(d, c) }
      """)
    let after = try model(
      """
      g (float[8] x) => (float[8] y) { c = Exp(x) b = Cos(x) a = Sin(x) d = Add(a, b) y = Add(d, c) }
      """)
    let drifts = try drifts(before, after)
    #expect(drifts.map(\.name) == ["a", "b", "c", "d", "y"])
    #expect(drifts.map(\.drift.differingCount).max() == 0)
  }

  @Test func `a value that a replacement took over is compared by its name`() throws {
    let before = try model(
      """
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2] gamma = {2, 0.5}, float[2] beta = {1, -1}, float[2] mean = {0, 0},
       float[2] var = {1, 1}>
      { n = BatchNormalization<epsilon = 0.0>(x, gamma, beta, mean, var) y = Relu(n) }
      """)
    let after = try model(
      """
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2, 1] slope = {2, 0.5}, float[2, 1] shift = {1, -1}>
      { s = Mul(x, slope) n = Add(s, shift) y = Relu(n) }
      """)
    let drifts = try drifts(before, after)
    #expect(drifts.map(\.name) == ["n", "y"])
    #expect(drifts.map(\.isDivergence) == [false, false])
  }

  private let loop = """
    g (float[2] x) => (float[2] y) <int64 n = {3}, bool on = {1}> {
      y = Loop (n, on, x) <
        body = b (int64 i, bool c, float[2] s) => (bool d, float[2] t) {
          d = Identity(c)
          r = Sin(s)
          t = Cos(r)
        }
      >
    }
    """

  @Test func `values of a body are compared as often as they are computed`() throws {
    let before = try model(loop)
    let drifts = try drifts(before, before)
    #expect(drifts.map(\.name) == ["d", "r", "t", "y"])
    #expect(drifts.map(\.drift.count) == [3, 6, 6, 2])
    #expect(drifts[1].place == "body of Loop 'y'")
  }

  @Test func `what parts first in a body is named, not what it feeds in the next round`() throws {
    let before = try model(loop)
    let after = try model(loop.split(separator: "Cos").joined(separator: "Tanh"))
    let drifts = try drifts(before, after)
    #expect(drifts.filter(\.isDivergence).map(\.name) == ["r", "t", "y"])
    #expect(Divergence(drifts, in: after)?.value.name == "t")
  }

  @Test func `values of a function are compared at every call`() throws {
    let before = try model(
      """
      g (float[2] x) => (float[2] y) { a = own.f(x) y = own.f(a) }
      <opset_import: ["": 13], domain: "own"> f (p) => (q) { s = Sin(p) q = Exp(s) }
      """)
    let drifts = try drifts(before, before)
    #expect(drifts.map(\.name) == ["s", "q", "a", "y"])
    #expect(drifts.map(\.drift.count) == [4, 4, 2, 2])
  }

  @Test func `the sample with which a value parts is told`() throws {
    let before = try model("g (float[1] x) => (float[1] y) { a = Abs(x) y = Exp(a) }")
    let after = try model("g (float[1] x) => (float[1] y) { a = Relu(x) y = Exp(a) }")
    let correspondence = try StructuralDiff(before, after).correspondence
    let samples = Numbers(numbers: [1, 2, -1])
    let drifts = try LockStep(before, after, correspondence: correspondence).run(samples)
    #expect(drifts.map { $0.parting?.sample } == [2, 2])
  }
}

/// Samples of one number each for the input x.
struct Numbers: SampleSource {
  let numbers: [Float]
  var count: Int { numbers.count }
  func sample(_ index: Int) -> [String: Datum] { ["x": .tensor(Tensor([numbers[index]]))] }
}
