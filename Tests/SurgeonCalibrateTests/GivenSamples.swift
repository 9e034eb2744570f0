internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonIR
internal import Testing

/// Samples that are given outright, for the input x.
struct GivenSamples: SampleSource {
  var tensors: [Tensor]
  var count: Int { tensors.count }
  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    ["x": .tensor(tensors[index])]
  }
}

extension Calibrator.Options {
  /// For sets that are small enough to go through the network side by side, and shall not.
  static var stageByStage: Self {
    var options = Self()
    options.lockstepLimit = 0
    return options
  }
}

extension Calibrator {
  /// What so many shards measure, put together after each round, the last one first.
  func collect(_ samples: GivenSamples, inShards count: Int) throws -> CollectedStatistics {
    var merged: CollectedStatistics?
    for _ in 0..<groupCount {
      let parts = try (1...count).map {
        try collectPart(samples, from: merged, shard: .init(index: $0, count: count))
      }
      merged = try CollectedStatistics.merged(parts.reversed())
    }
    return try #require(merged)
  }
}

extension CollectedStatistics {
  /// Means within 3e-6 of a deviation, and sums of squares that differ by at most 3e-6.
  ///
  /// - Parameter count: elements of each channel.
  func expectAgreement(with expected: CollectedStatistics, count: Double) throws {
    for entry in expected.entries {
      let found = try #require(self.entry(entry.name))
      #expect(found.count == count)
      #expect(found.mean.count == entry.mean.count)
      for channel in entry.mean.indices {
        let deviation = (entry.m2[channel] / entry.count).squareRoot()
        #expect(abs(found.mean[channel] - entry.mean[channel]) < 3e-6 * deviation)
        #expect(abs(found.m2[channel] / entry.m2[channel] - 1) < 3e-6)
      }
    }
  }
}
