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
