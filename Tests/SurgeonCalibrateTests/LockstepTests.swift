internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonTestSupport
internal import Synchronization
internal import Testing

/// Small sets, which go through the network side by side instead of stage by stage.
struct LockstepTests {
  private func samples(_ count: Int, _ shape: [Int] = [1, 4, 12, 12]) -> GivenSamples {
    GivenSamples(
      tensors: (0..<count).map {
        Tensor(Noise.centred(shape.reduce(1, *), seed: $0 + 3), shape: shape)
      })
  }

  /// Two branches, a residual connection, a pool behind a normalisation, one of the input itself, and one
  /// behind a Reshape to a batch of 1.
  private static let text = """
    <ir_version: 8, opset_import: ["": 15]>
    net (float[N, 4, H, W] x) => (float[N, 4] y)
    <float[4] g = {1, -2, 0.5, 3}, float[4] b = {0, 1, -1, 0.25}, float[4] m = {9, 9, 9, 9},
     float[4] v = {1, 2, 3, 4}, int64[2] flat = {1, 4},
     float[4, 4, 3, 3] w1 = \(Noise.literal(144, seed: 1)), float[4, 1, 3, 3] w2 = \(Noise.literal(36, seed: 2)),
     float[4, 4, 1, 1] w3 = \(Noise.literal(16, seed: 3))>
    {
      [n0] x0 = BatchNormalization (x, g, b, m, v)
      a1 = Conv <pads = [1, 1, 1, 1]> (x0, w1)
      [n1] b1 = BatchNormalization (a1, g, b, m, v)
      r1 = Relu (b1)
      a2 = Conv <pads = [1, 1, 1, 1], group = 4> (r1, w2)
      [n2] b2 = BatchNormalization (a2, g, b, m, v)
      c1 = Clip (b2)
      a3 = Conv (x0, w3)
      [n3] b3 = BatchNormalization (a3, g, b, m, v)
      s = Add (c1, b3)
      r2 = Relu (s)
      a4 = Conv (r2, w3)
      [n4] b4 = BatchNormalization (a4, g, b, m, v)
      r4 = Relu (b4)
      p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r4)
      a5 = Conv (p, w1)
      e = GlobalAveragePool (a5)
      f = Reshape (e, flat)
      [n5] b5 = BatchNormalization (f, g, b, m, v)
      [n6] y = BatchNormalization (b5, g, b, m, v)
    }
    """

  private func collect(
    _ samples: GivenSamples, of text: String = text, from earlier: CollectedStatistics? = nil,
    stageByStage: Bool = false, threads: Int = 1, memoryLimit: Int? = nil,
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    checkpoint: (CollectedStatistics) -> Void = { _ in }
  ) throws -> CollectedStatistics {
    var options = stageByStage ? Calibrator.Options.stageByStage : .init()
    options.session.threads = threads
    options.memoryLimit = memoryLimit
    options.checkpointInterval = .zero
    options.allowsConstantChannels = true
    options.isInterrupted = isInterrupted
    return try Calibrator(OnnxText.parse(text), options: options)
      .collect(samples, from: earlier, checkpoint: checkpoint)
  }

  /// 40 samples are three that run as one.
  @Test(arguments: [2, 3, 16, 40])
  func `side by side is what stage by stage measures`(count: Int) throws {
    let data = samples(count)
    let found = try collect(data)
    let expected = try collect(data, stageByStage: true)
    #expect(found.entries.map(\.name) == ["n0", "n1", "n3", "n2", "n4", "n5", "n6"])
    #expect(found.entries.map(\.group) == expected.entries.map(\.group))
    #expect(found.isComplete)
    for entry in expected.entries {
      let other = try #require(found.entry(entry.name))
      #expect(other.count == entry.count)
      for channel in 0..<4 {
        let deviation = (entry.m2[channel] / entry.count).squareRoot()
        #expect(abs(other.mean[channel] - entry.mean[channel]) < 1e-5 * deviation)
        #expect(abs(other.m2[channel] / entry.m2[channel] - 1) < 1e-5)
      }
    }
    // The two do not compute in the same order: were they equal, one of them would not have run.
    #expect(found != expected)
  }

  @Test func `threads and memory do not change a bit`() throws {
    let data = samples(40)
    let one = try collect(data)
    for (threads, memory) in [(2, nil), (3, 0), (1, 0)] as [(Int, Int?)] {
      #expect(try collect(data, threads: threads, memoryLimit: memory) == one)
    }
  }

  @Test func `work goes on after any group with the bits of work that never stopped`() throws {
    let data = samples(20)
    var kept: [CollectedStatistics] = []
    let whole = try collect(data, checkpoint: { kept.append($0) })
    #expect(kept.map(\.completeGroups) == [1, 2, 3, 4, 5, 6])
    for state in kept { #expect(try collect(data, from: state) == whole) }
  }

  @Test func `what is interrupted in a group keeps the groups before`() throws {
    let asked = Atomic<Int>(0)
    var kept: CollectedStatistics?
    #expect {
      // Asked before each of three runs: the second of the third group is the eighth.
      try collect(
        samples(40), isInterrupted: { asked.add(1, ordering: .relaxed).newValue == 8 },
        checkpoint: { kept = $0 })
    } throws: { error in
      (error as? SurgeonError)?.code == .interrupted
    }
    #expect(kept?.completeGroups == 2)
    #expect(kept?.entries.map(\.name) == ["n0", "n1", "n3"])
  }

  /// How much memory samples take is known of those that are as large as the first one.
  @Test func `samples of other sizes go stage by stage`() throws {
    var data = samples(5)
    data.tensors[3] = samples(1, [1, 4, 16, 10]).tensors[0]
    #expect(try collect(data) == collect(data, stageByStage: true))
  }

  @Test func `with large weights only what is one run goes side by side`() throws {
    var options = Calibrator.Options()
    options.session.threads = 1
    options.lockstepWeightLimit = 500
    let calibrator = try Calibrator(OnnxText.parse(Self.text), options: options)
    for (count, goesSideBySide) in [(16, true), (17, false)] {
      let data = samples(count)
      let found = try calibrator.collect(data)
      #expect(try found == collect(data, stageByStage: !goesSideBySide))
      #expect(try found != collect(data, stageByStage: goesSideBySide))
    }
  }

  @Test(arguments: [
    // A factor that is computed, a statistic of the batch that is read, another type.
    "n = BatchNormalization (x, gg, b, m, v) y = Relu (n)",
    "n, rm, rv = BatchNormalization <training_mode = 1> (x, g, b, m, v) e = ReduceMax <keepdims = 0> (rm) y = Mul (n, e)",
    "d = Cast <to = 11> (x) k = BatchNormalization (d, dg, db, dm, dv) y = Cast <to = 1> (k)",
  ])
  func `a normalisation that cannot wait for its statistics goes stage by stage`(
    nodes: String
  ) throws {
    let text = """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 2, L] x) => (float[N, 2, L] z)
      <float[2] g = {1, 2}, float[2] b = {0, 1}, float[2] m = {0, 0}, float[2] v = {1, 1},
       double[2] dg = {1, 2}, double[2] db = {0, 1}, double[2] dm = {0, 0}, double[2] dv = {1, 1}>
      {
        gg = Mul (g, v)
        \(nodes)
        z = BatchNormalization (y, g, b, m, v)
      }
      """
    let data = samples(3, [1, 2, 7])
    let found = try collect(data, of: text)
    #expect(found.entries.count == 2)
    #expect(try found == collect(data, of: text, stageByStage: true))
  }

  @Test func `values without channels are one`() throws {
    let text = """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N] x) => (float[N] y)
      <float[1] g = {1}, float[1] b = {0}>
      {
        n = BatchNormalization (x, g, b, b, g)
        y = BatchNormalization (n, g, b, b, g)
      }
      """
    let found = try collect(samples(3, [7]), of: text)
    #expect(found.entries.map(\.count) == [21, 21])
    #expect(try found == collect(samples(3, [7]), of: text, stageByStage: true))
  }

  @Test(arguments: [true, false])
  func `of samples that fail the first is named`(stageByStage: Bool) throws {
    let text = """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 2, L] x) => (float[N, 2, L] y)
      <float[2] g = {1, 1}, float[2] b = {0, 0}, float[2] v = {1, 1}, float big = {1e18}>
      {
        a = BatchNormalization (x, g, b, b, v)
        e = Mul (x, big)
        f = BatchNormalization (e, g, b, b, v)
        y = Add (a, f)
      }
      """
    var data = samples(40, [1, 2, 7])
    for index in [21, 33] {
      let numbers = try #require(try data.tensors[index].elements(as: Float.self))
      data.tensors[index] = Tensor(numbers.map { $0 * 1e22 }, shape: [1, 2, 7])
    }
    #expect {
      try collect(data, of: text, stageByStage: stageByStage)
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "the input of a BatchNormalization is not finite"
        && error?.location == ["sample 21", "node 'f'"]
    }
  }

  @Test func `a channel that never varies is found before the groups behind it`() throws {
    var data = samples(4)
    data.tensors = try data.tensors.map {
      let numbers = try #require(try $0.elements(as: Float.self))
      return Tensor(numbers[..<432] + Array(repeating: 2, count: 144), shape: [1, 4, 12, 12])
    }
    var kept: CollectedStatistics?
    #expect {
      try Calibrator(OnnxText.parse(Self.text)).collect(data, checkpoint: { kept = $0 })
    } throws: { error in
      (error as? SurgeonError)?.detail == "'n0': channel 3 is always 2.0"
    }
    #expect(kept?.completeGroups == 1)
  }
}
