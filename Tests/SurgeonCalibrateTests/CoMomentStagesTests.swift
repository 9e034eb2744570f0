internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonTestSupport
internal import Testing

/// BatchNormalizations behind 1 x 1 convolutions, whose moments are told from what those read.
struct CoMomentStagesTests {
  private func samples(_ count: Int, _ shape: [Int], offset: Float = 0) -> GivenSamples {
    GivenSamples(
      tensors: (0..<count).map { index in
        Tensor(
          Noise.centred(shape.reduce(1, *), seed: index + 1).map { $0 + offset }, shape: shape)
      })
  }

  /// Two blocks as mobile networks have them, and what else may stand around a 1 x 1 convolution: n1 is
  /// known a group ahead (behind b1 and e1), n4 and n6 with one another from what both convolutions read,
  /// in groups of different sizes, n3 from a sum, and s is computed for its own sake.
  private func network() throws -> Model {
    func norm(_ name: String, _ channels: Int) -> String {
      "float[\(channels)] g\(name) = {\((0..<channels).map { "\(0.5 + Float($0 % 5) / 4)" }.joined(separator: ", "))}, "
        + "float[\(channels)] o\(name) = \(Noise.literal(channels, seed: 77)), "
        + "float[\(channels)] m\(name) = \(Noise.literal(channels, seed: 78)), "
        + "float[\(channels)] v\(name) = {\((0..<channels).map { _ in "1" }.joined(separator: ", "))}"
    }
    func call(_ result: String, _ input: String, _ name: String) -> String {
      "\(result) = BatchNormalization (\(input), g\(name), o\(name), m\(name), v\(name))"
    }
    return try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 6, 24, 24] x) => (float[N, 36, 24, 24] y, float[N, 24, 24, 24] z,
        float[N, 48, 24, 24] s)
      <float[6, 6, 1, 1] w0 = \(Noise.literal(36, seed: 20)), \(norm("0", 6)),
       float[36, 6, 1, 1] w1 = \(Noise.literal(216, seed: 21)), float[36] c1 = \(Noise.literal(36, seed: 31)),
       \(norm("1", 36)),
       float[36, 1, 3, 3] w2 = \(Noise.literal(324, seed: 22)), \(norm("2", 36)),
       float[6, 36, 1, 1] w3 = \(Noise.literal(216, seed: 23)), \(norm("3", 6)),
       float[36, 6, 1, 1] w4 = \(Noise.literal(216, seed: 24)), \(norm("4", 36)),
       float[48, 6, 1, 1] w5 = \(Noise.literal(288, seed: 25)), \(norm("5", 48)),
       float[24, 3, 1, 1] w6 = \(Noise.literal(72, seed: 26)), \(norm("6", 24))>
      {
        a0 = Conv (x, w0)
        [n0] \(call("b0", "a0", "0"))
        a1 = Conv (b0, w1, c1)
        [n1] \(call("b1", "a1", "1"))
        r1 = Relu (b1)
        a2 = Conv <group = 36, pads = [1, 1, 1, 1]> (r1, w2)
        [n2] \(call("b2", "a2", "2"))
        r2 = Relu (b2)
        a3 = Conv (r2, w3)
        [n3] \(call("b3", "a3", "3"))
        t = Add (b3, b0)
        a4 = Conv (t, w4)
        [n4] \(call("y", "a4", "4"))
        s = Conv (t, w5)
        [n5] \(call("b5", "s", "5"))
        a6 = Conv <group = 2> (t, w6)
        [n6] \(call("z", "a6", "6"))
      }
      """)
  }

  private func calibrator(
    precision: SessionOptions.Precision = .single, threads: Int = 1, memoryLimit: Int = 64 << 20
  ) throws -> Calibrator {
    var options = Calibrator.Options.stageByStage
    options.session.precision = precision
    options.session.threads = threads
    options.memoryLimit = memoryLimit
    options.checkpointInterval = .zero
    return try Calibrator(network(), options: options)
  }

  @Test func `what is told from co-moments is what the reference engine measures`() throws {
    let data = samples(20, [1, 6, 24, 24], offset: 0.25)
    let told = try calibrator().collect(data)
    let measured = try calibrator(precision: .double).collect(data)
    #expect(told.entries.map(\.name).sorted() == ["n0", "n1", "n2", "n3", "n4", "n5", "n6"])
    try told.expectAgreement(with: measured, count: 20 * 576)
  }

  @Test func `threads and memory do not change a bit`() throws {
    let data = samples(37, [1, 6, 24, 24])
    let one = try calibrator().collect(data)
    for (threads, memory) in [(2, 64 << 20), (3, 0), (1, 0)] {
      #expect(try calibrator(threads: threads, memoryLimit: memory).collect(data) == one)
    }
  }

  @Test func `work goes on after any group with the bits of work that never stopped`() throws {
    let data = samples(9, [1, 6, 24, 24])
    var kept: [CollectedStatistics] = []
    let whole = try calibrator().collect(data, checkpoint: { kept.append($0) })
    #expect(kept.map(\.completeGroups) == [1, 2, 3, 4, 5])
    for state in kept { #expect(try calibrator().collect(data, from: state) == whole) }
  }

  @Test func `shards put together are the whole but for rounding`() throws {
    let data = samples(10, [1, 6, 24, 24])
    let calibrator = try calibrator()
    let whole = try calibrator.collect(data)
    let merged = try calibrator.collect(data, inShards: 2)
    for entry in whole.entries {
      let found = try #require(merged.entry(entry.name))
      for (a, b) in zip(found.m2, entry.m2) { #expect(abs(a / b - 1) < 3e-6) }
    }
  }

  /// The rows of the weights nearly cancel what all channels share: a Float32 sum near 10,000 knows a
  /// variance of 1e-5 to no digit, and the convolution does not run.
  @Test func `no digits are lost in the sums of a convolution that does not run`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 3, 32, 32] x) => (float[N, 24, 32, 32] y)
      <float[24, 3, 1, 1] w = {\((0..<24).map { _ in "0.7, 0.9, -1.6" }.joined(separator: ", "))},
       float[24] one = {\((0..<24).map { _ in "1" }.joined(separator: ", "))},
       float[24] zero = {\((0..<24).map { _ in "0" }.joined(separator: ", "))}>
      { a = Conv (x, w) [n] y = BatchNormalization (a, one, zero, zero, one) }
      """)
    var data = samples(6, [1, 3, 32, 32])
    data.tensors = try data.tensors.map { tensor in
      let numbers = try #require(try tensor.float64Elements())
      return Tensor(numbers.map { 10_000 + Float(($0 * 8).rounded()) / 1024 }, shape: tensor.shape)
    }
    let weights = [Float(0.7), 0.9, -1.6].map(Double.init)
    var results: [Double] = []
    for tensor in data.tensors {
      let x = try #require(try tensor.float64Elements())
      for position in 0..<1024 {
        results.append((0..<3).map { weights[$0] * x[$0 * 1024 + position] }.reduce(0, +))
      }
    }
    let mean = results.reduce(0, +) / Double(results.count)
    let m2 = results.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
    let found = try #require(try Calibrator(model, options: .stageByStage).collect(data).entry("n"))
    #expect(found.count == 6144)
    #expect(abs(found.mean[5] - mean) < 1e-9)
    #expect(abs(found.m2[5] / m2 - 1) < 1e-6)
  }

  @Test func `what is not finite is named although its convolution does not run`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 2, 16, 16] x) => (float[N, 32, 16, 16] y)
      <float[32, 2, 1, 1] w = {\((0..<64).map { _ in "0.5" }.joined(separator: ", "))},
       float[32] one = {\((0..<32).map { _ in "1" }.joined(separator: ", "))},
       float[32] zero = {\((0..<32).map { _ in "0" }.joined(separator: ", "))}, float big = {1e30}>
      { b = Mul (x, big) a = Conv (b, w) [n] y = BatchNormalization (a, one, zero, zero, one) }
      """)
    var data = samples(5, [1, 2, 16, 16])
    data.tensors[3] = Tensor((0..<512).map { Float($0) * 1e10 }, shape: [1, 2, 16, 16])
    #expect {
      try Calibrator(model, options: .stageByStage).collect(data)
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "the input of a BatchNormalization is not finite"
        && error?.location == ["sample 3", "node 'n'"]
    }
  }
}
