internal import SurgeonIR
internal import SurgeonRules
internal import Testing

struct ChannelAffineTests {
  @Test func `slope and intercept follow the formula`() {
    let affine = ChannelAffine(
      BatchNormalizationParameters(
        gamma: [2, -3], beta: [1, 0.5], mean: [4, -1], variance: [3, 8], epsilon: 1))
    #expect(affine.slope == [1, -1])
    #expect(affine.intercept == [-3, -0.5])
  }

  @Test func `a Scale tail is absorbed`() {
    let affine = ChannelAffine(slope: [2, 3], intercept: [1, -1])
      .followed(byFactor: [10, 0.5], term: [7, 0])
    #expect(affine == ChannelAffine(slope: [20, 1.5], intercept: [17, -0.5]))
  }

  @Test func `numbers are rounded once to the element type`() throws {
    func written(_ elementType: ElementType) throws -> [Double]? {
      let tensor = try ChannelAffine.tensor(
        [1.0 / 3], called: "slope", as: elementType, shape: [1, 1])
      // Whoever computes on has the number itself.
      #expect(try tensor.float64Elements() == [1.0 / 3])
      return try Tensor(
        elementType: elementType, shape: [1, 1], bytes: tensor.bytes()
      ).float64Elements()
    }
    #expect(try written(.float16) == [0.333251953125])
    #expect(try written(.bfloat16) == [0.333984375])
    #expect(try written(.float32) == [Double(Float(1) / 3)])
  }

  @Test func `a number past the end of the element type is refused`() {
    #expect(throws: SurgeonError.self) {
      try ChannelAffine.tensor([1e5], called: "slope", as: .float16, shape: [1])
    }
  }

  @Test func `a per-channel constant has a 1 for every position axis`() {
    #expect(ChannelShape.broadcast(1, rank: 1) == [1])
    #expect(ChannelShape.broadcast(3, rank: 2) == [3])
    #expect(ChannelShape.broadcast(3, rank: 5) == [3, 1, 1, 1])
    #expect(ChannelShape.reductionAxes(rank: 5) == [0, 2, 3, 4])
  }

  @Test func `constants that vary along another axis are not per channel`() {
    #expect(ChannelShape.perChannel([1, 2], shape: [2, 1, 1], rank: 4, channels: 2) == [1, 2])
    #expect(ChannelShape.perChannel([1, 2], shape: [1, 2, 1, 1], rank: 4, channels: 2) == [1, 2])
    #expect(ChannelShape.perChannel([5], shape: [], rank: 4, channels: 2) == [5, 5])
    #expect(ChannelShape.perChannel([1, 2], shape: [2], rank: 4, channels: 2) == nil)
    #expect(ChannelShape.perChannel([1, 2], shape: [2], rank: 2, channels: 2) == [1, 2])
    #expect(ChannelShape.perChannel([1, 2], shape: [2, 1, 1], rank: 2, channels: 2) == nil)
  }
}
