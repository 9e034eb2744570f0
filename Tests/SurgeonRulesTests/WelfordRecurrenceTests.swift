internal import SurgeonRules
internal import SurgeonTestSupport
internal import Testing

struct WelfordRecurrenceTests {
  private struct Stream {
    var noise = Noise()
    mutating func batch(_ shape: [Int], mean: Double = 0) -> [Double] {
      (0..<shape.reduce(1, *)).map { _ in mean + noise.next() - 0.5 }
    }
  }

  @Test func `an uncapped count of elements gives the moments of all data at once`() {
    var stream = Stream()
    var recurrence = WelfordRecurrence(
      options: WelfordOptions(
        count: .capped, maximum: .infinity, unit: .elements, start: .standard),
      mean: [0, 0], variance: [1, 1])
    var all: [[Double]] = [[], []]
    for samples in [1, 3, 8, 2] {
      let batch = stream.batch([samples, 2, 5])
      for sample in 0..<samples {
        all[0] += batch[(sample * 10)..<(sample * 10 + 5)]
        all[1] += batch[(sample * 10 + 5)..<(sample * 10 + 10)]
      }
      _ = recurrence.update(batch: batch, shape: [samples, 2, 5])
    }
    #expect(recurrence.state.count == 70)
    for channel in 0..<2 {
      let mean = all[channel].reduce(0, +) / 70
      let variance = all[channel].map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 70
      #expect(abs(recurrence.state.mean[channel] - mean) < 1e-14)
      #expect(abs(recurrence.state.variance[channel] - variance) < 1e-14)
    }
  }

  @Test func `a constant count is the exponential average plus its between-batch term`() {
    var stream = Stream()
    var recurrence = WelfordRecurrence(
      options: WelfordOptions(maximum: 16), mean: [0.3], variance: [2])
    var (mean, variance) = (0.3, 2.0)
    for step in 0..<50 {
      let samples = 1 + step % 8
      let batch = stream.batch([samples, 1, 4], mean: 0.1 * Double(step))
      let own = Moments(ofBatch: batch, shape: [samples, 1, 4])
      let lambda = 16 / (16 + Double(samples))
      let difference = own.mean[0] - mean
      mean = lambda * mean + (1 - lambda) * own.mean[0]
      variance =
        lambda * variance + (1 - lambda) * own.variance[0]
        + lambda * (1 - lambda) * difference * difference
      _ = recurrence.update(batch: batch, shape: [samples, 1, 4])
      #expect(abs(recurrence.state.mean[0] - mean) < 1e-12)
      #expect(abs(recurrence.state.variance[0] - variance) < 1e-12 * max(variance, 1))
      #expect(recurrence.state.count == 16)
    }
  }

  @Test func `a capped count grows to the cap and then equals the constant one`() {
    var stream = Stream()
    var capped = WelfordRecurrence(
      options: WelfordOptions(count: .capped, maximum: 16), mean: [1], variance: [3])
    var constant = WelfordRecurrence(
      options: WelfordOptions(count: .constant, maximum: 16), mean: [1], variance: [3])
    for _ in 0..<5 {
      let batch = stream.batch([2, 1, 3])
      _ = capped.update(batch: batch, shape: [2, 1, 3])
      _ = constant.update(batch: batch, shape: [2, 1, 3])
    }
    #expect(capped.state == constant.state)

    var fresh = WelfordRecurrence(
      options: WelfordOptions(count: .capped, maximum: 4, start: .standard), mean: [1],
      variance: [3])
    var counts: [Double] = []
    for _ in 0..<5 {
      _ = fresh.update(batch: stream.batch([1, 1, 3]), shape: [1, 1, 3])
      counts.append(fresh.state.count)
    }
    #expect(counts == [1, 2, 3, 4, 4])
  }

  @Test func `the standard start is mean 0 and variance 1`() {
    let constant = WelfordRecurrence(
      options: WelfordOptions(maximum: 16, start: .standard), mean: [5], variance: [7])
    #expect(constant.state == Moments(count: 16, mean: [0], m2: [16]))
    let capped = WelfordRecurrence(
      options: WelfordOptions(count: .capped, maximum: 16, start: .standard), mean: [5],
      variance: [7])
    #expect(capped.state == Moments(count: 0, mean: [0], m2: [0]))
    #expect(capped.state.variance == [1])
  }

  @Test func `previous statistics normalise with what was known before the batch`() {
    var recurrence = WelfordRecurrence(
      options: WelfordOptions(maximum: 16, normalization: .previous), mean: [5], variance: [7])
    let used = recurrence.update(batch: [100, 200], shape: [2, 1])
    #expect(used.mean == [5])
    #expect(used.variance == [7])
  }

  @Test func `variance survives a mean of a thousand`() {
    var stream = Stream()
    var recurrence = WelfordRecurrence(
      options: WelfordOptions(count: .capped, maximum: .infinity, start: .standard), mean: [0],
      variance: [1])
    for _ in 0..<200 {
      let batch = stream.batch([4, 1, 16]).map { 1000 + $0 * 12.0.squareRoot() }
      _ = recurrence.update(batch: batch, shape: [4, 1, 16])
    }
    #expect(abs(recurrence.state.variance[0] - 1) < 2e-2)
    #expect(abs(recurrence.state.mean[0] - 1000) < 2e-2)
  }
}
