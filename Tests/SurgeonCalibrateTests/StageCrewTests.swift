internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import Synchronization
internal import Testing

/// Batches that run side by side: 300 small samples, 16 of them as one.
struct StageCrewTests {
  private struct Samples: SampleSource {
    /// Samples whose numbers are far larger than those of the others.
    var large: Set<Int> = []
    let count = 300

    func sample(_ index: Int) -> [String: Datum] {
      let numbers = (0..<12).map { position -> Float in
        let hash = UInt32(truncatingIfNeeded: index * 12 + position) &* 2_654_435_761
        return Float(hash >> 8) / 16_777_216 * (large.contains(index) ? 1e21 : 1)
      }
      return ["x": .tensor(Tensor(numbers, shape: [1, 3, 4]))]
    }
  }

  private func collect(
    _ samples: Samples, from earlier: CollectedStatistics? = nil, threads: Int,
    memoryLimit: Int = 64 << 20, mode: CalibrationMode = .sequential,
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    checkpoint: (CollectedStatistics) -> Void = { _ in }
  ) throws -> CollectedStatistics {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 3, 4] x) => (float[N, 3, 4] y)
      <float[3] one = {1, 1, 1}, float[3] zero = {0, 0, 0}, float big = {1e18}>
      {
        a = BatchNormalization (x, one, zero, zero, one)
        b = Relu (a)
        c = BatchNormalization (b, one, zero, zero, one)
        d = Add (a, c)
        e = Mul (x, big)
        f = BatchNormalization (e, one, zero, zero, one)
        g = Add (d, f)
        y = BatchNormalization (g, one, zero, zero, one)
      }
      """)
    var options = Calibrator.Options.stageByStage
    options.mode = mode
    options.session.threads = threads
    options.memoryLimit = memoryLimit
    options.isInterrupted = isInterrupted
    return try Calibrator(model, options: options)
      .collect(samples, from: earlier, checkpoint: checkpoint)
  }

  @Test(arguments: [CalibrationMode.joint, .sequential])
  func `any number of threads gives the same bits`(mode: CalibrationMode) throws {
    let one = try collect(Samples(), threads: 1, mode: mode)
    #expect(one.entries.map(\.count) == [1200, 1200, 1200, 1200])
    for threads in [2, 3, 5] {
      #expect(try collect(Samples(), threads: threads, mode: mode) == one)
      #expect(try collect(Samples(), threads: threads, memoryLimit: 0, mode: mode) == one)
    }
  }

  @Test(arguments: [1, 2, 3])
  func `of several samples that fail the first is named`(threads: Int) {
    #expect {
      try collect(Samples(large: [70, 180, 290]), threads: threads)
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "the input of a BatchNormalization is not finite"
        && error?.location == ["sample 70", "node 'f'"]
    }
  }

  @Test(arguments: [1, 2, 3])
  func `what is interrupted between batches goes on to the same bits`(threads: Int) throws {
    let asked = Atomic<Int>(0)
    var kept: CollectedStatistics?
    #expect {
      try collect(
        Samples(), threads: threads, mode: .joint,
        isInterrupted: { asked.add(1, ordering: .relaxed).newValue > 5 },
        checkpoint: { kept = $0 })
    } throws: { error in
      (error as? SurgeonError)?.code == .interrupted
    }
    let part = try #require(kept)
    // On several threads batches after one that was left out have run for nothing.
    #expect(threads == 1 ? part.samples == 80 : (0...80).contains(part.samples))
    #expect(part.samples % 16 == 0)
    let whole = try collect(Samples(), threads: 1, mode: .joint)
    #expect(try collect(Samples(), from: part, threads: threads, mode: .joint) == whole)
  }

  /// Images of 64 x 64 whose first values are 96 KB, so that 8 of them run as one there and 16 later.
  private struct Images: SampleSource {
    let count = 121

    func sample(_ index: Int) -> [String: Datum] {
      let numbers = (0..<4096).map { position -> Float in
        let hash = UInt32(truncatingIfNeeded: index * 4096 + position) &* 2_654_435_761
        return Float(hash >> 8) / 16_777_216
      }
      return ["x": .tensor(Tensor(numbers, shape: [1, 1, 64, 64]))]
    }
  }

  @Test func `where values are kept does not change how many samples run as one`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 1, 64, 64] x) => (float[N, 6] y)
      <float[6, 1, 1, 1] w = {1, 2, 3, 4, 5, 6}, float[6] one = {1, 1, 1, 1, 1, 1},
       float[6] zero = {0, 0, 0, 0, 0, 0}>
      {
        a = Conv (x, w)
        b = BatchNormalization (a, one, zero, zero, one)
        c = MaxPool <kernel_shape = [4, 4], strides = [4, 4]> (b)
        d = BatchNormalization (c, one, zero, zero, one)
        e = GlobalAveragePool (d)
        f = BatchNormalization (e, one, zero, zero, one)
        g = Flatten (f)
        y = BatchNormalization (g, one, zero, zero, one)
      }
      """)
    var found: [CollectedStatistics] = []
    for (threads, megabytes) in [(1, 0), (1, 7), (1, 64), (2, 1), (2, 3), (2, 7)] {
      var options = Calibrator.Options.stageByStage
      options.session.threads = threads
      options.memoryLimit = megabytes << 20
      found.append(try Calibrator(model, options: options).collect(Images()))
    }
    for other in found { #expect(other == found[0]) }
  }

  @Test func `a value that no machine can hold is an error`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 3, 4] x) => (float[N, 3, L] y)
      <float[3] one = {1, 1, 1}, float[3] zero = {0, 0, 0},
       int64[3] shape = {1, 3, 96076792050570581}>
      {
        a = ReduceMean <axes = [2]> (x)
        b = Expand (a, shape)
        y = BatchNormalization (b, one, zero, zero, one)
      }
      """)
    #expect(throws: SurgeonError.self) {
      try Calibrator(model, options: .stageByStage).collect(Samples())
    }
  }
}
