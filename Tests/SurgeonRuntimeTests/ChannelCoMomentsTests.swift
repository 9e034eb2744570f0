internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonTestSupport
internal import Testing

struct ChannelCoMomentsTests {
  private func tensor(_ shape: [Int], offset: Float = 0) -> Tensor {
    Tensor(Noise.centred(shape.reduce(1, *)).map { $0 + offset }, shape: shape)
  }

  private func expectClose(_ a: ChannelMoments, _ b: ChannelMoments, within bound: Double) {
    #expect(a.count == b.count)
    #expect(a.mean.count == b.mean.count)
    for (x, y) in zip(a.mean + a.m2, b.mean + b.m2) {
      #expect(abs(x - y) <= bound * max(abs(y), 1e-3))
    }
  }

  @Test func `a combination of two channels has the moments of the definition`() throws {
    // Channel 0 is 1, 2, 6 and channel 1 is 4, 4, 1: their sum is 5, 6, 7, their difference -3, -2, 5.
    let x = Tensor([1, 2, 6, 4, 4, 1] as [Float], shape: [1, 2, 3])
    let measured = try ChannelCoMoments(of: .tensor(x), groups: 1)
    #expect(measured.count == 3)
    #expect(measured.mean == [3, 3])
    #expect(measured.moments.m2 == [14, 6])
    let behind = measured.moments(weights: [1, 1, 1, -1], bias: [10, 0])
    #expect(behind.count == 3)
    #expect(behind.mean == [16, 0])
    #expect(behind.m2 == [2, 38])
  }

  /// Widths on both sides of the kernel's blocks of 8, rows on both sides of a part of 1024.
  @Test(arguments: [
    (8, 3, 5, 1), (8, 16, 24, 1), (3, 24, 144, 1), (9, 40, 8, 4), (2, 34, 34, 2), (1, 320, 7, 1),
    (5, 6, 6, 6),
  ])
  func `what is told of a 1 x 1 convolution is what its result shows`(
    images: Int, channels: Int, outputs: Int, groups: Int
  ) throws {
    let x = tensor([images, channels, 17, 9], offset: 2)
    let weights = Noise.centred(outputs * channels / groups, seed: 3)
    let bias = Noise.centred(outputs, seed: 5)
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (double[N, \(channels), 17, 9] x, double[\(outputs), \(channels / groups), 1, 1] w,
        double[\(outputs)] b) => (double[N, \(outputs), 17, 9] y)
      { y = Conv <group = \(groups)> (x, w, b) }
      """)
    func widened(_ numbers: [Float], _ shape: [Int]) -> Tensor {
      Tensor(numbers.map(Double.init), shape: shape)
    }
    let result = try Session(model).run([
      "x": .tensor(widened(Noise.centred(x.count).map { $0 + 2 }, x.shape)),
      "w": .tensor(widened(weights, [outputs, channels / groups, 1, 1])),
      "b": .tensor(widened(bias, [outputs])),
    ])
    let shown = try ChannelMoments(of: .datum(result[0].value))
    let told = try ChannelCoMoments(of: .tensor(x), groups: groups).moments(
      weights: weights.map(Double.init), bias: bias.map(Double.init))
    expectClose(told, shown, within: 1e-11)
  }

  @Test func `batches merged are the whole`() throws {
    let x = tensor([12, 10, 5, 5], offset: 3)
    let whole = try ChannelCoMoments(of: .tensor(x), groups: 2)
    let numbers = try #require(try x.float64Elements()).map { Float($0) }
    var merged: ChannelCoMoments?
    for (first, count) in [(0, 5), (5, 1), (6, 6)] {
      let part = Array(numbers[first * 250..<(first + count) * 250])
      let measured = try ChannelCoMoments(
        of: .tensor(Tensor(part, shape: [count, 10, 5, 5])), groups: 2)
      if merged?.merge(measured) == nil { merged = measured }
    }
    let weights = Noise.centred(40, seed: 11).map(Double.init)
    expectClose(
      try #require(merged).moments(weights: weights, bias: nil),
      whole.moments(weights: weights, bias: nil), within: 1e-12)
  }

  @Test func `any number of threads gives the same bits`() throws {
    let x = tensor([3, 24, 41, 41])
    let one = try ChannelCoMoments(of: .tensor(x), groups: 2, threads: 1)
    let weights = Noise.centred(12 * 50).map(Double.init)
    for threads in [2, 3, 7] {
      let other = try ChannelCoMoments(of: .tensor(x), groups: 2, threads: threads)
      #expect(
        other.moments(weights: weights, bias: nil) == one.moments(weights: weights, bias: nil))
    }
  }

  @Test func `a channel that never varies has no variance at all`() throws {
    let x = Tensor((0..<60).map { Float($0 % 2 == 0 ? 0.1 : Double($0)) }, shape: [30, 2])
    let measured = try ChannelCoMoments(of: .tensor(x), groups: 1)
    #expect(measured.moments(weights: [3, 0], bias: [1]).m2 == [0])
  }

  @Test(arguments: [Float.nan, .infinity])
  func `what is not finite shows`(number: Float) throws {
    let x = Tensor([1, 2, 3, number, 5, 6] as [Float], shape: [3, 2])
    #expect(try !ChannelCoMoments(of: .tensor(x), groups: 1).isFinite)
    #expect(try ChannelCoMoments(of: .tensor(tensor([3, 2])), groups: 1).isFinite)
  }

  @Test(arguments: [1, 3, 8, 13])
  func `groups do not see one another, though their channels are neighbours`(width: Int) throws {
    let x = tensor([2, 3 * width, 5, 7])
    let numbers = try #require(try x.float64Elements()).map { Float($0) }
    let spoiled = numbers.enumerated().map { index, number in
      index / 35 % (3 * width) / width == 1 ? Float.nan : number
    }
    let clean = try ChannelCoMoments(of: .tensor(x), groups: 3).moments
    let other = try ChannelCoMoments(
      of: .tensor(Tensor(spoiled, shape: x.shape)), groups: 3
    ).moments
    for channel in 0..<3 * width where channel / width != 1 {
      #expect(other.mean[channel] == clean.mean[channel])
      #expect(other.m2[channel] == clean.m2[channel])
    }
  }

  @Test func `integers, nothing and channels that cannot be shared out have no co-moments`() {
    for (value, groups) in [
      (Tensor([1, 2] as [Int64], shape: [1, 2]), 1), (Tensor([] as [Float], shape: [0, 2]), 1),
      (Tensor([1, 2, 3] as [Float], shape: [1, 3]), 2), (Tensor([1, 2] as [Float], shape: [2]), 1),
    ] {
      #expect(throws: SurgeonError.self) {
        try ChannelCoMoments(of: .tensor(value), groups: groups)
      }
    }
  }
}
