internal import SurgeonRules
internal import Testing

struct RunningRecurrenceTests {
  @Test(arguments: [1, 2, 8])
  func `statistics stay finite and positive at batch size`(samples: Int) {
    var recurrence = RunningRecurrence(
      momentum: 0.9, start: .standard, normalization: .updated, mean: [0], variance: [1])
    let batch = (0..<(samples * 3)).map { Double($0 % 5) }
    let (mean, variance) = recurrence.update(batch: batch, shape: [samples, 1, 3])
    let own = Moments(ofBatch: batch, shape: [samples, 1, 3])
    // The first batch of a fresh start is all there is to know.
    #expect(abs(mean[0] - own.mean[0]) < 1e-12)
    #expect(abs(variance[0] - own.variance[0]) < 1e-12)
  }

  @Test func `two batches of one sample forget as much as one batch of two`() {
    let once = RunningRecurrence.share(momentum: 0.9, samples: 2, weight: 1)
    let first = RunningRecurrence.share(momentum: 0.9, samples: 1, weight: 1)
    #expect(abs((1 - first.share) * (1 - first.share) - (1 - once.share)) < 1e-15)
  }

  @Test(arguments: [1, 2, 8])
  func `it is the debiased average of sums and squares`(samples: Int) {
    var recurrence = RunningRecurrence(
      momentum: 0.9, start: .standard, normalization: .updated, mean: [0], variance: [1])
    var (weight, first, second) = (0.0, 0.0, 0.0)
    for step in 0..<20 {
      let batch = (0..<(samples * 3)).map { Double(($0 * 7 + step * 3) % 11) - 4 }
      let elements = Double(batch.count)
      var keep = 1.0
      for _ in 0..<samples { keep *= 0.9 }
      weight = keep * weight + (1 - keep)
      first = keep * first + (1 - keep) * batch.reduce(0, +) / elements
      second = keep * second + (1 - keep) * batch.map { $0 * $0 }.reduce(0, +) / elements
      let (mean, variance) = recurrence.update(batch: batch, shape: [samples, 1, 3])
      let expected = first / weight
      #expect(abs(mean[0] - expected) < 1e-12)
      #expect(abs(variance[0] - (second / weight - expected * expected)) < 1e-11)
    }
  }

  @Test func `a pretrained start keeps the checkpoint's statistics for the first step`() {
    var recurrence = RunningRecurrence(
      momentum: 0.9, start: .pretrained, normalization: .previous, mean: [5], variance: [7])
    let used = recurrence.update(batch: [1, 2], shape: [1, 1, 2])
    #expect(used.mean == [5])
    #expect(used.variance == [7])
    #expect(recurrence.weight == 1)
    #expect(abs(recurrence.mean[0] - (0.9 * 5 + 0.1 * 1.5)) < 1e-12)
  }
}
