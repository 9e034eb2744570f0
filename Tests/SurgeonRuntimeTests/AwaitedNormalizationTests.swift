import SurgeonFormat
import SurgeonIR
import SurgeonRuntime
import SurgeonShapes
import SurgeonTestSupport
import Testing

/// Runs that stop in front of BatchNormalizations until their statistics are known.
@Suite struct AwaitedNormalizationTests {
  /// Two normalisations on one branch, one on the other, and a sum.
  private func model() throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 17]>
      net (float[1, 3, 8, 8] x) => (float[1, 3, 8, 8] y)
      <float[3] g = {1, -2, 0.5}, float[3] b = {0, 1, -1}, float[3] m = {0.25, 0.125, -0.5},
       float[3] v = {1, 2, 3}, float[3, 3, 3, 3] w = \(Noise.literal(81, seed: 1))>
      {
        a = Conv <pads = [1, 1, 1, 1]> (x, w)
        [first] n = BatchNormalization (a, g, b, m, v)
        r = Relu (n)
        c = Conv <pads = [1, 1, 1, 1]> (r, w)
        [second] o = BatchNormalization (c, g, b, m, v)
        d = Neg (x)
        [beside] p = BatchNormalization (d, g, b, m, v)
        s = Add (o, p)
        y = Relu (s)
      }
      """)
  }

  private let x = Tensor(Noise.centred(192, seed: 5), shape: [1, 3, 8, 8])

  private func named(_ name: String, in model: Model) throws -> Node.ID {
    try #require(model.nodes(of: model.mainGraph).first { model[$0].name == name })
  }

  private func value(_ name: String, in model: Model) throws -> Value.ID {
    try #require(model.value(named: name, in: model.mainGraph))
  }

  /// What the nodes of the model do with the statistics that they have.
  private func line() throws -> NormalizationLine {
    func tensor(_ numbers: [Float]) -> Tensor { Tensor(numbers, shape: [3]) }
    return try #require(
      try NormalizationLine(
        gamma: tensor([1, -2, 0.5]), beta: tensor([0, 1, -1]), mean: tensor([0.25, 0.125, -0.5]),
        variance: tensor([1, 2, 3]), epsilon: 1e-5, rank: 4))
  }

  private func session(_ model: Model, awaiting names: [String]) throws -> Session {
    var part = GraphPart(from: [], to: [try value("y", in: model)], of: model)
    part.awaited = Set(try names.map { try named($0, in: model) })
    var options = SessionOptions()
    options.optimize = true
    return try Session(
      part, of: model, types: try ShapeInference.infer(model),
      observing: Set(try ["a", "c", "d", "y"].map { try value($0, in: model) }), options: options,
      pool: BufferPool())
  }

  @Test func `a run stops as rarely as can be, and goes on to the same bits`() throws {
    let model = try model()
    var run = try session(model, awaiting: ["first", "second", "beside"])
      .begin(["x": .tensor(x)])
    let watched = Set(try ["a", "c", "d", "y"].map { try value($0, in: model) })
    var seen: [[String]] = []
    var y: Tensor?
    for names in [[], ["first", "beside"], ["second"]] {
      for name in names { run.give(try line(), to: try named(name, in: model)) }
      seen.append([])
      try run.advance(observing: watched) { (id, value) throws(SurgeonError) in
        seen[seen.count - 1].append(model[id].name)
        if model[id].name == "y" { y = try value.plain().tensor }
      }
    }
    #expect(seen == [["a", "d"], ["c"], ["y"]])
    let known = try session(model, awaiting: []).run(["x": .tensor(x)])[0].value.tensor
    #expect(try y?.elements(as: Float.self) == known?.elements(as: Float.self))
  }

  @Test func `without what it awaits a run stays where it is`() throws {
    let model = try model()
    var run = try session(model, awaiting: ["second"]).begin(["x": .tensor(x)])
    let y = try value("y", in: model)
    var found = 0
    for _ in 0..<3 { try run.advance(observing: [y]) { _, _ in found += 1 } }
    #expect(found == 0)
    run.give(try line(), to: try named("second", in: model))
    try run.advance(observing: [y]) { _, _ in found += 1 }
    try run.advance(observing: [y]) { _, _ in found += 1 }
    #expect(found == 1)
  }

  @Test func `what does not fit is an error`() throws {
    let model = try model()
    var run = try session(model, awaiting: ["first"]).begin(["x": .tensor(x)])
    let two = Tensor([1, 1] as [Float], shape: [2])
    let line = try #require(
      try NormalizationLine(
        gamma: two, beta: two, mean: two, variance: two, epsilon: 0, rank: 4))
    run.give(line, to: try named("first", in: model))
    #expect(throws: SurgeonError.self) { try run.advance(observing: []) { _, _ in } }
    #expect(
      try NormalizationLine(
        gamma: two, beta: two, mean: two, variance: two, epsilon: 0, rank: 1) == nil)
    #expect(
      try NormalizationLine(
        gamma: two, beta: two, mean: Tensor([1] as [Float], shape: [1]), variance: two, epsilon: 0,
        rank: 4) == nil)
  }
}
