internal import SurgeonCalibrate
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonShapes
internal import SurgeonTestSupport
internal import Testing

/// MaxPools that sequential mode takes before the BatchNormalization in front of them.
struct PooledSitesTests {
  /// - Parameters:
  ///   - gamma: of two channels.
  ///   - body: from `a`, which the BatchNormalization `n` reads, to `y`.
  private func network(
    gamma: String = "1, 2", opset: Int = 15, outputs: String = "", _ body: String
  ) throws -> Model {
    try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": \(opset)]>
      net (float[N, 2, 9, 9] x) => (float[N, 2, H, W] y\(outputs))
      <float[2] g = {\(gamma)}, float[2] o = {0.5, -1}, float[2] m = {0, 0}, float[2] v = {1, 1},
       float[2] g2 = {1, 1}, float[2] low = {-1, -2},
       float[2, 2, 3, 3] w = \(Noise.literal(36, seed: 1)), float[2, 2, 1, 1] w2 = \(Noise.literal(4, seed: 2))>
      {
        a = Conv (x, w)
        \(body)
      }
      """)
  }

  private func pooled(_ model: Model) throws -> PooledSites {
    try PooledSites(model, types: ShapeInference.infer(model))
  }

  /// The nodes behind the first convolution as text, one line each.
  private func lines(_ model: Model) -> [String] {
    OnnxText.print(model).split(separator: "\n").map { $0.drop { $0 == " " } }
      .filter { $0.contains(" = ") && $0.contains("(") && !$0.contains("Conv") }.map(String.init)
  }

  @Test func `the largest of what a channel gives is normalised instead of all of it`() throws {
    let model = try network(
      """
      [n] b = BatchNormalization (a, g, o, m, v)
      [r] c = Relu (b)
      [p] y = MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> (c)
      """)
    let pooled = try pooled(model)
    #expect(
      lines(pooled.model) == [
        "[p] p_early_pool = "
          + "MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> (a)",
        "[n] b = BatchNormalization (p_early_pool, g, o, m, v)",
        "[r] y = Relu (b)",
      ])
    #expect(pooled.seen.map { "\(model[$0.key].name) \(model[$0.value].name)" } == ["n a"])
  }

  @Test func `nodes go by the names they had, those of their outputs where they have none`() throws
  {
    let model = try network(
      """
      b = BatchNormalization (a, g, o, m, v)
      y = MaxPool <kernel_shape = [2, 2]> (b)
      """)
    let after = try pooled(model).model
    #expect(
      lines(after) == [
        "[y] y_early_pool = MaxPool <kernel_shape = [2, 2]> (a)",
        "[b] y = BatchNormalization (y_early_pool, g, o, m, v)",
      ])
    #expect(try calibrator(model).collect(samples(3)).entries.map(\.name) == ["b"])
  }

  @Test func `a channel that gamma turns round is turned before and after`() throws {
    let pooled = try pooled(
      network(
        gamma: "1, -2",
        """
        [n] b = BatchNormalization (a, g, o, m, v)
        [p] y = MaxPool <kernel_shape = [2, 2]> (b)
        """))
    #expect(
      lines(pooled.model) == [
        "[p_early_turned_1] p_early_turned = Mul (a, p_early_sign)",
        "[p] p_early_pool = MaxPool <kernel_shape = [2, 2]> (p_early_turned)",
        "[p_early_back_1] p_early_back = Mul (p_early_pool, p_early_sign)",
        "[n] y = BatchNormalization (p_early_back, g, o, m, v)",
      ])
    let sign = try #require(
      pooled.model.allValues.first { pooled.model[$0].name == "p_early_sign" })
    #expect(pooled.model[sign].initializer?.shape == [2, 1, 1])
    #expect(try pooled.model[sign].initializer?.float64Elements() == [1, -1])
  }

  @Test(arguments: [
    // Another node looks at the whole value.
    """
    [n] b = BatchNormalization (a, g, o, m, v)
    c = Relu (b)
    d = GlobalMaxPool (c)
    p = MaxPool <kernel_shape = [2, 2]> (c)
    y = Add (p, d)
    """,
    // What falls where its input rises.
    """
    [n] b = BatchNormalization (a, g, o, m, v)
    c = LeakyRelu <alpha = -0.5> (b)
    y = MaxPool <kernel_shape = [2, 2]> (c)
    """,
    """
    [n] b = BatchNormalization (a, g, o, m, v)
    c = Neg (b)
    y = MaxPool <kernel_shape = [2, 2]> (c)
    """,
    // The last window may lie in the padding.
    """
    [n] b = BatchNormalization (a, g, o, m, v)
    c = Relu (b)
    y = MaxPool <kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 1, 1], ceil_mode = 1> (c)
    """,
    // Numbers that no window has.
    """
    [n] b = BatchNormalization (a, g, o, m, v)
    y = MaxPool <kernel_shape = [2, 2], strides = [9223372036854775807, 1], ceil_mode = 1,
      pads = [0, 0, 9223372036854775807, 9223372036854775807]> (b)
    """,
    // A gamma that the data may give.
    """
    s = ReduceMax <keepdims = 0, axes = [0, 2, 3]> (x)
    [n] b = BatchNormalization (a, s, o, m, v)
    y = MaxPool <kernel_shape = [2, 2]> (b)
    """,
    // Nothing is left for the normalisation to be computed for.
    """
    [n] b = BatchNormalization (a, g, o, m, v)
    q = MaxPool <kernel_shape = [2, 2]> (b)
    y = Identity (x)
    """,
    // An average is not the largest.
    """
    [n] b = BatchNormalization (a, g, o, m, v)
    y = AveragePool <kernel_shape = [2, 2]> (b)
    """,
  ])
  func `a pool stays where its result would be another`(body: String) throws {
    let model = try network(body)
    let pooled = try pooled(model)
    #expect(pooled.seen.isEmpty)
    #expect(OnnxText.print(pooled.model) == OnnxText.print(model))
  }

  @Test func `a pool stays where something reads the places of the maxima`() throws {
    let model = try network(
      outputs: ", int64[N, 2, H, W] places",
      """
      [n] b = BatchNormalization (a, g, o, m, v)
      y, places = MaxPool <kernel_shape = [2, 2]> (b)
      """)
    #expect(try pooled(model).seen.isEmpty)
  }

  @Test func `a pool of half-precision numbers stays, whose signs would be of another type`() throws
  {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float16[N, 2, 9, 9] x) => (float16[N, 2, H, W] y)
      <float[2] g = {1, -1}, float[2] o = {0, 0}>
      {
        b = BatchNormalization (x, g, o, o, g)
        y = MaxPool <kernel_shape = [2, 2]> (b)
      }
      """)
    #expect(try pooled(model).seen.isEmpty)
  }

  private func calibrator(_ model: Model, threads: Int = 1) throws -> Calibrator {
    var options = Calibrator.Options.stageByStage
    options.session.threads = threads
    options.checkpointInterval = .zero
    return try Calibrator(model, options: options)
  }

  private func samples(_ count: Int) -> GivenSamples {
    GivenSamples(
      tensors: (0..<count).map {
        Tensor(Noise.centred(162, seed: $0 + 5).map { 3 * $0 + 1 }, shape: [1, 2, 9, 9])
      })
  }

  /// Shards are measured with the pools where they are.
  @Test(arguments: [
    "c = Relu (b)", "c = LeakyRelu (b)", "c = Identity (b)", "d = Identity (b) c = Clip (d)",
  ])
  func `what is measured behind a pool that moved is what is measured without`(
    between: String
  ) throws {
    let data = samples(12)
    for gamma in ["1, 2", "-1, 2", "-1, -0.25", "0, 1"] {
      let calibrator = try calibrator(
        network(
          gamma: gamma,
          """
          [n] b = BatchNormalization (a, g, o, m, v)
          \(between)
          [p] q = MaxPool <kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1> (c)
          e = Conv (q, w2)
          [n2] f = BatchNormalization (e, g2, o, m, v)
          [p2] y = MaxPool <kernel_shape = [2, 2]> (f)
          """))
      let whole = try calibrator.collect(data)
      let merged = try calibrator.collect(data, inShards: 3)
      #expect(whole.entries.map(\.name) == ["n", "n2"])
      for entry in whole.entries {
        let found = try #require(merged.entry(entry.name))
        #expect(found.count == entry.count)
        for channel in entry.mean.indices {
          let deviation = (entry.m2[channel] / entry.count).squareRoot()
          #expect(abs(found.mean[channel] - entry.mean[channel]) <= 1e-6 * deviation)
          #expect(abs(found.m2[channel] - entry.m2[channel]) <= 1e-6 * entry.m2[channel])
        }
      }
    }
  }

  /// The second one sees a linear combination of maxima, not of what the first one sees.
  @Test func `nothing is told ahead through a pool`() throws {
    let model = try network(
      """
      [n] b = BatchNormalization (a, g, o, m, v)
      [p] q = MaxPool <kernel_shape = [3, 3]> (b)
      e = Conv (q, w2)
      [n2] y = BatchNormalization (e, g2, o, m, v)
      """)
    let data = samples(300)
    let found = try #require(try calibrator(model).collect(data).entry("n2"))
    var options = Calibrator.Options.stageByStage
    options.session.precision = .double
    let exact = try #require(try Calibrator(model, options: options).collect(data).entry("n2"))
    for channel in 0..<2 {
      #expect(abs(found.m2[channel] / exact.m2[channel] - 1) < 1e-5)
    }
  }

  @Test func `work goes on behind a pool that moved, on any number of threads`() throws {
    let model = try network(
      gamma: "-1, 1",
      """
      [n] b = BatchNormalization (a, g, o, m, v)
      c = Relu (b)
      [p] q = MaxPool <kernel_shape = [2, 2]> (c)
      e = Conv (q, w2)
      [n2] y = BatchNormalization (e, g2, o, m, v)
      """)
    let data = samples(9)
    var kept: [CollectedStatistics] = []
    let whole = try calibrator(model).collect(data, checkpoint: { kept.append($0) })
    #expect(kept.map(\.completeGroups) == [1, 2])
    for state in kept {
      #expect(try calibrator(model, threads: 2).collect(data, from: state) == whole)
    }
  }
}
