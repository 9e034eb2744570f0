internal import Foundation
internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import SurgeonTestSupport
internal import Synchronization
internal import Testing

struct CalibratorTests {
  /// Two normalisations in a row with a Relu between, a third beside them, and their sum.
  private static let text = """
    <ir_version: 8, opset_import: ["": 15]>
    net (float[N, 2, L] x) => (float[N, 2, L] y)
    <float[2] one = {1, 1}, float[2] zero = {0, 0}, float[2] m = {5, 5}, float[2] v = {9, 9}>
    {
      a = BatchNormalization (x, one, zero, m, v)
      b = Relu (a)
      c = BatchNormalization (b, one, zero, m, v)
      d = BatchNormalization (x, one, zero, m, v)
      y = Add (c, d)
    }
    """

  private func samples(_ count: Int, length: Int = 5) -> GivenSamples {
    var noise = Noise()
    let tensors = (0..<count).map { _ in
      let numbers = (0..<2 * length).map { index -> Float in
        noise.next() * (index < length ? 1 : 4) + (index < length ? 0 : 10)
      }
      return Tensor(numbers, shape: [1, 2, length])
    }
    return GivenSamples(tensors: tensors)
  }

  private func expected(_ numbers: [Double]) -> (mean: Double, variance: Double) {
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    return (mean, numbers.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(numbers.count))
  }

  /// Channel `channel` of all samples.
  private func channel(_ channel: Int, of samples: GivenSamples) throws -> [Double] {
    try samples.tensors.flatMap { tensor -> [Double] in
      let numbers = try #require(try tensor.elements(as: Float.self))
      return numbers[channel * 5..<(channel + 1) * 5].map(Double.init)
    }
  }

  private func collect(
    _ data: GivenSamples, from earlier: CollectedStatistics? = nil,
    _ change: (inout Calibrator.Options) -> Void = { _ in }
  ) throws -> CollectedStatistics {
    var options = Calibrator.Options()
    change(&options)
    return try Calibrator(OnnxText.parse(Self.text), options: options).collect(data, from: earlier)
  }

  @Test func `sequential mode measures with those before already replaced`() throws {
    let data = samples(7)
    let statistics = try collect(data)
    #expect(statistics.groupCount == 2)
    let first = try #require(statistics.entry("a"))
    let x = try channel(1, of: data)
    let (mean, variance) = expected(x)
    #expect(abs(first.mean[1] - mean) < 1e-9)
    #expect(abs(first.moments.variance[1] - variance) < 1e-9)
    #expect(first.count == 35)
    let second = try #require(statistics.entry("c"))
    let normalized = x.map { max(($0 - mean) / (variance + 1e-5).squareRoot(), 0) }
    #expect(abs(second.mean[1] - expected(normalized).mean) < 1e-6)
    #expect(abs(second.moments.variance[1] - expected(normalized).variance) < 1e-6)
    #expect(statistics.entry("d")?.mean == first.mean)
  }

  @Test func `joint mode measures with the statistics that the model has`() throws {
    let data = samples(7)
    let statistics = try collect(data) { $0.mode = .joint }
    let old = try channel(1, of: data).map { max(($0 - 5) / (9 + 1e-5).squareRoot(), 0) }
    let entry = try #require(statistics.entry("c"))
    #expect(abs(entry.mean[1] - expected(old).mean) < 1e-6)
  }

  @Test func `activations on disk give the same numbers as in memory`() throws {
    let data = samples(9)
    let numbers = try [nil, 0, .max].map { memoryLimit in
      try collect(data) {
        $0.lockstepLimit = 0
        $0.memoryLimit = memoryLimit
      }
    }
    for other in numbers { #expect(other == numbers[0]) }
  }

  @Test func `shards put together equal the whole, round by round`() throws {
    let data = samples(10)
    let calibrator = try Calibrator(OnnxText.parse(Self.text))
    let merged = try calibrator.collect(data, inShards: 3)
    let whole = try calibrator.collect(data)
    #expect(merged.isComplete)
    for entry in whole.entries {
      let other = try #require(merged.entry(entry.name))
      #expect(other.count == entry.count)
      for (a, b) in zip(entry.mean + entry.m2, other.mean + other.m2) {
        #expect(abs(a - b) < 1e-5 * max(1, abs(a)))
      }
    }
  }

  @Test func `a missing shard is named`() throws {
    let calibrator = try Calibrator(OnnxText.parse(Self.text))
    let part = try calibrator.collectPart(samples(4), shard: .init(index: 2, count: 2))
    #expect {
      try CollectedStatistics.merged([part])
    } throws: { error in
      (error as? SurgeonError)?.detail
        == "shards 2 are given where 1 to 2 are needed, each once"
    }
  }

  /// Side by side or stage by stage.
  @Test(arguments: [24 << 20, 0])
  func `work goes on after the last group that was finished`(lockstepLimit: Int) throws {
    let data = samples(6)
    var options = Calibrator.Options()
    options.lockstepLimit = lockstepLimit
    options.checkpointInterval = .zero
    let calibrator = try Calibrator(OnnxText.parse(Self.text), options: options)
    var kept: [CollectedStatistics] = []
    let whole = try calibrator.collect(data, checkpoint: { kept.append($0) })
    #expect(kept.map(\.completeGroups) == [1, 2])
    #expect(try calibrator.collect(data, from: kept[0]) == whole)
  }

  @Test func `a shard without samples counts nothing`() throws {
    let data = samples(2)
    var options = Calibrator.Options()
    options.mode = .joint
    let calibrator = try Calibrator(OnnxText.parse(Self.text), options: options)
    let parts = try (1...4).map {
      try calibrator.collectPart(data, shard: .init(index: $0, count: 4))
    }
    #expect(parts.map(\.samples) == [1, 1, 0, 0])
    let merged = try CollectedStatistics.merged(parts)
    #expect(merged.isComplete)
    #expect(merged.entry("a")?.count == 10)
  }

  @Test(arguments: [24 << 20, 0])
  func `work that is interrupted hands out what it has`(lockstepLimit: Int) throws {
    let data = samples(6)
    let isAsked = Atomic<Bool>(false)
    var options = Calibrator.Options()
    options.lockstepLimit = lockstepLimit
    options.checkpointInterval = .zero
    options.isInterrupted = { isAsked.load(ordering: .relaxed) }
    let calibrator = try Calibrator(OnnxText.parse(Self.text), options: options)
    var kept: [CollectedStatistics] = []
    #expect {
      try calibrator.collect(
        data,
        checkpoint: {
          kept.append($0)
          isAsked.store(true, ordering: .relaxed)
        })
    } throws: { error in
      (error as? SurgeonError)?.code == .interrupted
    }
    #expect(kept.last?.completeGroups == 1)
    #expect(kept.last?.entries.map(\.name) == ["a", "d"])
    let last = try #require(kept.last)
    let whole = try collect(data) { $0.lockstepLimit = lockstepLimit }
    #expect(try collect(data, from: last) { $0.lockstepLimit = lockstepLimit } == whole)
  }

  @Test func `the calibrated model normalises its data`() throws {
    let data = samples(8)
    let calibrator = try Calibrator(OnnxText.parse(Self.text))
    let model = try calibrator.model(with: calibrator.collect(data))
    model.checkInvariants()
    let session = try Session(model)
    var sums = [0.0, 0.0]
    for index in 0..<data.count {
      _ = try session.run(try data.sample(index)) { (observation) throws(SurgeonError) in
        guard observation.name == "a", let tensor = observation.datum.tensor else { return }
        for number in try tensor.float64Elements() ?? [] {
          sums[0] += number
          sums[1] += number * number
        }
      }
    }
    #expect(abs(sums[0] / 80) < 1e-6)
    #expect(abs(sums[1] / 80 - 1) < 1e-4)
  }

  @Test func `training mode becomes inference mode, its running outputs constants`() throws {
    let text = """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N, 2, L] x) => (float[N, 2, L] y, float[2] rm)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}>
      { y, rm, rv = BatchNormalization <training_mode = 1> (x, one, zero, zero, one) }
      """
    let calibrator = try Calibrator(OnnxText.parse(text))
    let statistics = try calibrator.collect(samples(5))
    let model = try calibrator.model(with: statistics)
    model.checkInvariants()
    let outputs = try Session(model).run(try samples(1).sample(0))
    #expect(outputs.map(\.name) == ["y", "rm"])
    let mean = try #require(try outputs[1].value.tensor?.elements(as: Float.self))
    #expect(mean == statistics.entry("y")?.mean.map { Float($0) })
    #expect(try calibrator.report(statistics).sites.map(\.wasTraining) == [true])
  }

  @Test func `a sample with NaN is named`() {
    var data = samples(3)
    data.tensors[2] = Tensor([Float](repeating: .nan, count: 10), shape: [1, 2, 5])
    #expect {
      try collect(data)
    } throws: { error in
      (error as? SurgeonError)?.message == "sample 2 holds NaN or infinity"
    }
  }

  @Test func `no samples and no normalisations are errors`() throws {
    #expect(throws: SurgeonError.self) { try collect(GivenSamples(tensors: [])) }
    let plain = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[N] x) => (float[N] y) { y = Relu (x) }
      """)
    #expect(throws: SurgeonError.self) { try Calibrator(plain) }
  }

  @Test(arguments: [CalibrationMode.joint, .sequential])
  func `interrupted work goes on from the sample it has reached`(mode: CalibrationMode) throws {
    // Small samples run as one, 16 at a time; on several threads more of these make a round.
    let data = samples(40)
    var options = Calibrator.Options()
    options.session.threads = 1
    options.mode = mode
    options.checkpointInterval = .zero
    let calibrator = try Calibrator(OnnxText.parse(Self.text), options: options)
    let shard: CollectedStatistics.Shard? = mode == .joint ? nil : .init(index: 1, count: 1)
    let whole = try calibrator.collectPart(data, shard: shard)
    var kept: CollectedStatistics?
    #expect(throws: SurgeonError.self) {
      try calibrator.collectPart(
        data, shard: shard,
        checkpoint: { (statistics) throws(SurgeonError) in
          kept = statistics
          if statistics.samples == 16 { throw SurgeonError(.io, "the disk is full") }
        })
    }
    let state = try #require(kept)
    #expect(state.samples == 16)
    #expect(try calibrator.collectPart(data, from: state, shard: shard) == whole)
  }

  /// Channel 1 is always 2.
  private func flatSamples() throws -> GivenSamples {
    var data = samples(3)
    data.tensors = try data.tensors.map { tensor in
      let numbers = try #require(try tensor.elements(as: Float.self))
      return Tensor(Array(numbers[..<5]) + Array(repeating: 2, count: 5), shape: [1, 2, 5])
    }
    return data
  }

  @Test func `a channel that never varies is an error with its value and the way around it`() throws
  {
    let data = try flatSamples()
    #expect {
      try collect(data)
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "2 channels never vary over the data"
        && error?.detail == "'a': channel 1 is always 2.0; 'd': channel 1 is always 2.0"
        && error?.hint == "measure more data, or accept a variance of 0 with --allow-constant"
    }
    var options = Calibrator.Options()
    options.allowsConstantChannels = true
    let calibrator = try Calibrator(OnnxText.parse(Self.text), options: options)
    let report = try calibrator.report(calibrator.collect(data))
    #expect(report.sites.map(\.constantChannels) == [[1], [1], [1]])
  }

  @Test func `a channel that was dead before may stay so`() throws {
    let dead = Self.text.replacing("v = {9, 9}", with: "v = {9, 1e-6}")
    let statistics = try Calibrator(OnnxText.parse(dead)).collect(flatSamples())
    #expect(statistics.entry("a")?.m2[1] == 0)
  }

  @Test(arguments: [
    "a = BatchNormalization (x, g, b, m, v)  y = Relu (a)",
    // Constants that several share are left to the others.
    "a = BatchNormalization (x, g, b, m, v)  y = BatchNormalization (a, g, b, m, v)",
    "a, rm, rv = BatchNormalization <training_mode = 1> (x, g, b, m, v)  y = Add (a, rm)",
    "d = Dropout (x, half, on)  y = BatchNormalization <training_mode = 1> (d, g, b, m, v)",
  ])
  func `the outline is the calibrated model but for the statistics`(nodes: String) throws {
    let text = """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[3, 2, 2] x) => (float[3, 2, 2] y)
      <float[2] g = {3, 1}, float[2] b = {0, 4}, float[2] m = {1, 7}, float[2] v = {5, 9},
       float half = {0.5}, bool on = {1}>
      { \(nodes) }
      """
    let tensor = Tensor((0..<12).map { Float($0) }, shape: [3, 2, 2])
    let calibrator = try Calibrator(OnnxText.parse(text))
    let calibrated = try calibrator.model(
      with: calibrator.collect(GivenSamples(tensors: [tensor])))
    let outline = try calibrator.outline()
    outline.checkInvariants()
    let withoutNumbers = OnnxText.PrintOptions(largestConstant: 0)
    #expect(
      OnnxText.print(outline, options: withoutNumbers)
        == OnnxText.print(calibrated, options: withoutNumbers))
    #expect(OnnxText.print(outline) != OnnxText.print(calibrated))
    #expect(try ModelWriter.serialize(outline).count == ModelWriter.serialize(calibrated).count)
  }

  @Test(
    arguments: [
      (6, "y", "is_test = 0"), (9, "y, rm, rv, sm, sv", "momentum = 0.9"),
      (13, "y, rm, rv, sm, sv", "momentum = 0.9"), (14, "y, rm, rv", "training_mode = 1"),
      (15, "y", "training_mode = 1"),
    ])
  func `every training form becomes inference mode`(
    opset: Int, outputs: String, attribute: String
  ) throws {
    let text = """
      <ir_version: 8, opset_import: ["": \(opset)]>
      net (float[N, 2, L] x) => (float[N, 2, L] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}>
      { \(outputs) = BatchNormalization <\(attribute)> (x, one, zero, zero, one) }
      """
    let data = samples(4)
    let calibrator = try Calibrator(OnnxText.parse(text))
    let statistics = try calibrator.collect(data)
    let model = try calibrator.model(with: statistics)
    model.checkInvariants()
    let node = try #require(model.nodes(of: model.mainGraph).first { _ in true })
    #expect(model[node].outputs.count == 1)
    #expect(try BatchNormalization(node, in: model)?.isTraining == false)
    let entry = try #require(statistics.entry("y"))
    let x = try #require(try data.tensors[0].elements(as: Float.self))
    let y = try #require(
      try Session(model).run(["x": .tensor(data.tensors[0])])[0].value.tensor?.elements(
        as: Float.self))
    let expected = (Double(x[7]) - entry.mean[1]) / (entry.moments.variance[1] + 1e-5).squareRoot()
    #expect(abs(Double(y[7]) - expected) < 1e-5)
  }

  @Test(
    arguments: [
      (6, "Dropout (x)", "is_test = 1"), (13, "Dropout (x, half, on)", "epsilon = 1e-5"),
    ])
  func `a Dropout in training mode is put into inference mode before anything is measured`(
    opset: Int, dropout: String, attribute: String
  ) throws {
    let text = """
      <ir_version: 8, opset_import: ["": \(opset)]>
      net (float[N, 2, L] x) => (float[N, 2, L] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}, float half = {0.5}, bool on = {1}>
      {
        d = \(dropout)
        y = BatchNormalization <\(attribute)> (d, one, zero, zero, one)
      }
      """
    let data = samples(6)
    let calibrator = try Calibrator(OnnxText.parse(text))
    #expect(calibrator.stoppedDropouts == ["d"])
    let statistics = try calibrator.collect(data)
    let wanted = expected(try channel(1, of: data))
    let entry = try #require(statistics.entry("y"))
    #expect(abs(entry.mean[1] - wanted.mean) < 1e-5)
    #expect(abs(entry.moments.variance[1] - wanted.variance) < 1e-5)
    let after = try calibrator.model(with: statistics)
    after.checkInvariants()
    #expect(try Calibrator(after).stoppedDropouts.isEmpty)
  }

  @Test func `statistics survive their file`() throws {
    let statistics = try collect(samples(4))
    let path = FileManager.default.temporaryDirectory
      .appending(component: "surgeon-\(UInt64.random(in: 0 ... .max)).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try StatisticsFile.write(statistics, to: path)
    #expect(try StatisticsFile.read(path) == statistics)
    #expect(throws: SurgeonError.self) { try StatisticsFile.read(path + ".missing") }
    #expect {
      try StatisticsFile.write(statistics, to: "/no/such/folder/statistics.json")
    } throws: { error in
      "\(error)".hasSuffix("statistics.json': No such file or directory")
    }
  }
}
