internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonTestSupport
internal import Testing

/// Values between two groups where memory has no room for them, and a disk little or none: 24 samples, of
/// which the values between the groups take 96 KB each.
struct WorkspaceTests {
  private let samples = GivenSamples(
    tensors: (0..<24).map {
      Tensor(Noise.centred(2 * 32 * 32, seed: $0 + 1), shape: [1, 2, 32, 32])
    })

  /// Three groups. Between the second and the third either a Relu, or an If that does the same: nobody
  /// knows what one takes.
  private func network(hasBranch: Bool = false) throws -> Model {
    let rectified =
      hasBranch
      ? "r = If (yes) <then_branch = t () => (tr) { tr = Relu (n) }, "
        + "else_branch = f () => (fr) { fr = Identity (n) }>"
      : "r = Relu (n)"
    return try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 2, 32, 32] x) => (float[N, 24, 32, 32] y)
      <float[24, 2, 3, 3] v = \(Noise.literal(432, seed: 50)), float[24, 24, 3, 3] w = \(Noise.literal(5184, seed: 51)),
       float[24] one = {\((0..<24).map { _ in "1" }.joined(separator: ", "))},
       float[24] zero = {\((0..<24).map { _ in "0" }.joined(separator: ", "))}, bool yes = {1}>
      {
        a = Conv <pads = [1, 1, 1, 1]> (x, v)
        [first] m = BatchNormalization (a, one, zero, zero, one)
        p = Relu (m)
        b = Conv <pads = [1, 1, 1, 1]> (p, w)
        [second] n = BatchNormalization (b, one, zero, zero, one)
        \(rectified)
        c = Conv <pads = [1, 1, 1, 1]> (r, w)
        d = Add (c, p)
        [third] y = BatchNormalization (d, one, zero, zero, one)
      }
      """)
  }

  private func collect(
    _ model: Model, memory: Int = 0, limit: Int?, workspace: String? = nil
  ) throws -> CollectedStatistics {
    var options = Calibrator.Options.stageByStage
    options.memoryLimit = memory
    options.workspaceLimit = limit
    if let workspace { options.workspace = workspace }
    return try Calibrator(model, options: options).collect(samples)
  }

  private func expectSame(_ found: CollectedStatistics, _ expected: CollectedStatistics) throws {
    #expect(found.entries.map(\.name).sorted() == ["first", "second", "third"])
    try found.expectAgreement(with: expected, count: 24 * 1024)
  }

  @Test(arguments: [false, true])
  func `what may not go to a disk is computed again`(hasBranch: Bool) throws {
    let model = try network(hasBranch: hasBranch)
    // A file in a directory that does not exist would be an error.
    let found = try collect(model, limit: 0, workspace: "/nowhere")
    try expectSame(found, collect(model, memory: 64 << 20, limit: 0, workspace: "/nowhere"))
    #expect {
      try collect(model, limit: 64 << 20, workspace: "/nowhere")
    } throws: { error in
      (error as? SurgeonError)?.message == "cannot make the file of activations in '/nowhere'"
    }
  }

  /// Of the third group's two operands there is room for one.
  @Test func `with room for a part of it the rest is computed again`() throws {
    let model = try network()
    let found = try collect(model, limit: 24 * 100_000)
    try expectSame(found, collect(model, limit: nil))
  }
}
