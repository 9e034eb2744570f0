internal import Foundation
internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

/// Samples 1 x 2 x 1 that are given outright.
private struct Pairs: SampleSource {
  var numbers: [[Float]]
  var count: Int { numbers.count }
  let isMapped = true
  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    ["x": .tensor(Tensor(numbers[index], shape: [1, 2, 1]))]
  }
}

struct StatisticsOriginTests {
  private let data = Pairs(numbers: [[1, 2], [3, 5], [4, 4], [0, 1]])

  private func calibrator(
    scale: Int = 3, mode: CalibrationMode = .joint, recordsOrigin: Bool = true
  ) throws -> Calibrator {
    var options = Calibrator.Options()
    options.mode = mode
    options.recordsOrigin = recordsOrigin
    return try Calibrator(
      OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["": 15]>
        net (float[N, 2, 1] x) => (float[N, 2, 1] y)
        <float[1] k = {\(scale)}, float[2] one = {1, 1}, float[2] zero = {0, 0}, float[2] m = {0, 0},
         float[2] v = {1, 1}>
        {
          a = Mul (x, k)
          y = BatchNormalization (a, one, zero, m, v)
        }
        """), options: options)
  }

  private func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return (error as? SurgeonError)?.message
    }
  }

  @Test(arguments: [CalibrationMode.joint, .sequential])
  func `work does not go on with other weights`(mode: CalibrationMode) throws {
    let statistics = try calibrator(mode: mode).collect(data)
    let other = try calibrator(scale: 2, mode: mode)
    #expect(
      message { _ = try other.collect(data, from: statistics) }
        == "the statistics were measured with another model")
    #expect(
      message { _ = try other.model(with: statistics) }
        == "the statistics were measured with another model")
  }

  @Test func `work does not go on with other data`() throws {
    let calibrator = try calibrator()
    let statistics = try calibrator.collect(data)
    let others: [[[Float]]] = [
      [[1, 2], [3, 5], [4, 4]],
      [[7, 2], [3, 5], [4, 4], [0, 1]],
      [[1, 2], [3, 5], [4, 4], [0, 2]],
    ]
    for numbers in others {
      #expect(
        message { _ = try calibrator.collect(Pairs(numbers: numbers), from: statistics) }
          == "the statistics were measured on other data")
    }
    #expect(try calibrator.collect(data, from: statistics) == statistics)
  }

  @Test(arguments: [CalibrationMode.joint, .sequential])
  func `where nobody keeps the statistics they do not name their origin, and are the same`(
    mode: CalibrationMode
  ) throws {
    let recorded = try calibrator(mode: mode).collect(data)
    let unrecorded = try calibrator(mode: mode, recordsOrigin: false).collect(data)
    #expect(recorded.origin != nil)
    #expect(unrecorded.origin == nil)
    #expect(unrecorded.entries == recorded.entries)
  }

  @Test func `who records no origin still refuses that of another`() throws {
    let statistics = try calibrator().collect(data)
    let other = try calibrator(scale: 2, recordsOrigin: false)
    #expect(
      message { _ = try other.collect(data, from: statistics) }
        == "the statistics were measured with another model")
    let same = try calibrator(recordsOrigin: false)
    #expect(
      message { _ = try same.collect(Pairs(numbers: [[1, 2]]), from: statistics) }
        == "the statistics were measured on other data")
    #expect(try same.collect(data, from: statistics) == statistics)
  }

  /// What a file says that was edited: its origin is gone with the rest.
  @Test(arguments: [1, 3])
  func `work does not go on from other channels`(channels: Int) throws {
    var begun = try calibrator().collect(Pairs(numbers: [[1, 2], [3, 5]]))
    begun.origin = nil
    begun.completeGroups = 0
    begun.samples = 2
    var entry = begun.entries[0]
    entry.mean = Array(repeating: 0.5, count: channels)
    entry.m2 = Array(repeating: 1.5, count: channels)
    begun.entries.set(entry)
    #expect(
      message { _ = try calibrator().collect(data, from: begun) }
        == "the statistics do not fit 'y'")
  }

  @Test func `the old statistics have no part in those of sequential mode`() throws {
    let calibrator = try calibrator(mode: .sequential)
    let statistics = try calibrator.collect(data)
    let calibrated = try Calibrator(calibrator.model(with: statistics))
    #expect(try calibrated.collect(data, from: statistics) == statistics)
  }

  @Test func `a finished shard is not taken for another`() throws {
    let calibrator = try calibrator()
    let first = try calibrator.collectPart(data, shard: .init(index: 1, count: 2))
    #expect(
      message {
        _ = try calibrator.collectPart(data, from: first, shard: .init(index: 2, count: 3))
      } == "the statistics are those of another shard")
  }

  @Test func `shards of other data do not belong together`() throws {
    let calibrator = try calibrator()
    let first = try calibrator.collectPart(data, shard: .init(index: 1, count: 2))
    let second = try calibrator.collectPart(
      Pairs(numbers: [[1, 1], [2, 2], [3, 3]]), shard: .init(index: 2, count: 2))
    #expect {
      try CollectedStatistics.merged([first, second])
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "the statistics do not belong together"
        && error?.detail == "shard 2 was measured on other data than shard 1"
    }
  }

  @Test(arguments: [
    ("\"count\":2,\"index\":1", "\"count\":0,\"index\":-1", "shard -1 of 0"),
    ("\"samples\":2", "\"samples\":-5", "0 of 1 groups, -5 samples"),
    ("\"m2\":[", "\"m2\":[-", "the moments of 'y'"),
    ("\"count\":2,\"group\"", "\"count\":0,\"group\"", "the moments of 'y'"),
    ("\"completeGroups\":0", "\"completeGroups\":2", "2 of 1 groups, 2 samples"),
  ])
  func `a file of what cannot have been measured is refused`(
    part: String, edited: String, flaw: String
  ) throws {
    let path = FileManager.default.temporaryDirectory
      .appending(component: "surgeon-\(UInt64.random(in: 0 ... .max)).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let statistics = try calibrator().collectPart(data, shard: .init(index: 1, count: 2))
    try StatisticsFile.write(statistics, to: path)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(part))
    try text.replacing(part, with: edited).write(toFile: path, atomically: true, encoding: .utf8)
    #expect {
      try StatisticsFile.read(path)
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "'\(path)' holds what cannot have been measured"
        && error?.detail == flaw
    }
  }

  @Test func `more samples than there are cannot have been seen`() throws {
    let calibrator = try calibrator()
    var statistics = try calibrator.collectPart(data, shard: .init(index: 1, count: 2))
    statistics.isPartComplete = false
    statistics.samples = 500
    #expect(
      message {
        _ = try calibrator.collectPart(data, from: statistics, shard: .init(index: 1, count: 2))
      } == "the statistics are of more samples than there are")
  }

  @Test func `a variance that its type cannot hold is an error`() throws {
    var options = Calibrator.Options()
    options.mode = .joint
    let calibrator = try Calibrator(
      OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["": 15]>
        net (float[N, 2, 1] x) => (float16[N, 2, 1] y)
        <float16[2] one = {1, 1}, float16[2] zero = {0, 0}, float16[2] m = {0, 0},
         float16[2] v = {1, 1}>
        {
          a = Cast <to = 10> (x)
          y = BatchNormalization (a, one, zero, m, v)
        }
        """), options: options)
    let wide = Pairs(numbers: [[-400, 0], [400, 1]])
    #expect {
      try calibrator.model(with: calibrator.collect(wide))
    } throws: { error in
      let error = error as? SurgeonError
      return error?.message == "a statistic is too large for float16"
        && error?.detail == "a variance is 160000.0"
        && error?.hint == "convert the model to float first"
    }
  }
}
