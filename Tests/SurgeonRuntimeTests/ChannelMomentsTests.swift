internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRuntime
internal import SurgeonTestSupport
internal import Testing

struct ChannelMomentsTests {
  private func tensor(_ shape: [Int], offset: Float = 0) -> Tensor {
    var noise = Noise(seed: 7)
    return Tensor((0..<shape.reduce(1, *)).map { _ in noise.next() + offset }, shape: shape)
  }

  private func widened(_ tensor: Tensor) throws -> Tensor {
    Tensor(try #require(try tensor.float64Elements()), shape: tensor.shape)
  }

  private func expectClose(_ a: ChannelMoments, _ b: ChannelMoments) {
    #expect(a.count == b.count)
    #expect(a.mean.count == b.mean.count)
    for (x, y) in zip(a.mean + a.m2, b.mean + b.m2) { #expect(abs(x - y) <= 1e-9 * abs(y)) }
  }

  @Test func `the numbers are those of the definition`() throws {
    let x = Tensor([1, 2, 3, 10, 10, 10, 5, 6, 7, 10, 10, 10] as [Float], shape: [2, 2, 3])
    let moments = try ChannelMoments(of: .tensor(x))
    #expect(moments.count == 6)
    #expect(moments.mean == [4, 10])
    #expect(moments.m2 == [28, 0])
  }

  @Test(arguments: [
    [3, 5], [2, 8, 4, 4, 4], [1, 24, 7, 7], [2, 3, 65, 33], [1, 1, 1000], [2, 2048, 1, 1], [77],
  ])
  func `Float32 elements give what Float64 ones give in two passes`(shape: [Int]) throws {
    let x = tensor(shape, offset: 1000)
    expectClose(
      try ChannelMoments(of: .tensor(x)), try ChannelMoments(of: .tensor(widened(x))))
  }

  @Test(arguments: [3, 8, 16, 24, 40])
  func `a value in the layout of its engine gives what the plain one gives`(channels: Int) throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 15]>
      net (float[1, \(channels), 9, 9] x) => (float[1, \(channels), 9, 9] y)
      { y = MaxPool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x) }
      """)
    let session = try Session(model)
    let x = tensor([1, channels, 9, 9])
    let outputs = try session.run(layouts: ["x": .tensor(x)], observing: []) { _, _ in }
    let plain = try #require(try outputs[0].value.plain().tensor)
    expectClose(
      try ChannelMoments(of: outputs[0].value), try ChannelMoments(of: .tensor(widened(plain))))
  }

  @Test func `neither integers nor nothing have moments`() {
    #expect(throws: SurgeonError.self) {
      try ChannelMoments(of: .tensor(Tensor([1, 2] as [Int64], shape: [1, 2])))
    }
    #expect(throws: SurgeonError.self) {
      try ChannelMoments(of: .tensor(Tensor([] as [Float], shape: [0, 2])))
    }
  }
}
