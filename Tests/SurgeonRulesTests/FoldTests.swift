internal import SurgeonRules
internal import Testing

struct FoldTests {
  private let affine = ChannelAffine(slope: [2, 3], intercept: [10, 20])

  @Test func `a Conv's output channels are its first axis`() {
    let layout = WeightLayout.convOutput([2, 1, 2])
    let folded = Fold.after(weights: [1, 2, 3, 4], layout: layout, bias: [1, 1], affine: affine)
    #expect(folded.weights == [2, 4, 9, 12])
    #expect(folded.bias == [12, 23])
  }

  @Test func `without a bias the intercept becomes one`() {
    let layout = WeightLayout.convOutput([2, 1, 1])
    #expect(
      Fold.after(weights: [1, 1], layout: layout, bias: nil, affine: affine).bias == [10, 20])
  }

  @Test func `a grouped ConvTranspose scales each group's own outputs`() throws {
    // W [C = 4, M/g = 1, k = 1] with two groups: inputs 0, 1 feed output 0; 2, 3 feed output 1.
    let layout = try #require(WeightLayout.convTransposeOutput([4, 1, 1], group: 2))
    #expect(layout.scaled([1, 1, 1, 1], by: [2, 3]) == [2, 2, 3, 3])
    // One group, two outputs: W [C = 2, M = 2].
    let dense = try #require(WeightLayout.convTransposeOutput([2, 2, 1], group: 1))
    #expect(dense.scaled([1, 1, 1, 1], by: [2, 3]) == [2, 3, 2, 3])
    #expect(WeightLayout.convTransposeOutput([3, 1, 1], group: 2) == nil)
  }

  @Test func `a matrix is scaled along its columns however it is stored`() {
    let plain = WeightLayout.matrixColumns([3, 2], isTransposed: false)
    #expect(plain.scaled([1, 1, 1, 1, 1, 1], by: [2, 3]) == [2, 3, 2, 3, 2, 3])
    let transposed = WeightLayout.matrixColumns([2, 3], isTransposed: true)
    #expect(transposed.scaled([1, 1, 1, 1, 1, 1], by: [2, 3]) == [2, 2, 2, 3, 3, 3])
  }

  @Test func `an affine before a Conv goes into weights and bias`() throws {
    // M = 2, C = 2, k = 2.
    let layout = try #require(WeightLayout.convInput([2, 2, 2], group: 1))
    let folded = Fold.before(
      weights: [1, 2, 3, 4, 5, 6, 7, 8], layout: layout, bias: [100, 200], affine: affine)
    #expect(folded.weights == [2, 4, 9, 12, 10, 12, 21, 24])
    // 100 + (1 + 2) * 10 + (3 + 4) * 20, 200 + (5 + 6) * 10 + (7 + 8) * 20
    #expect(folded.bias == [270, 610])
  }

  @Test func `a depthwise Conv meets each channel once`() throws {
    let layout = try #require(WeightLayout.convInput([2, 1, 2], group: 2))
    #expect(layout.scaled([1, 1, 1, 1], by: [2, 3]) == [2, 2, 3, 3])
    #expect(layout.contracted([1, 2, 3, 4], with: [10, 20]) == [30, 140])
  }

  @Test func `a slope of zero leaves no remainder to put in front`() {
    let remainder = Fold.remainder(of: ChannelAffine(slope: [2, 4], intercept: [10, 20]))
    #expect(remainder == [5, 5])
    #expect(Fold.remainder(of: ChannelAffine(slope: [0, 1], intercept: [1, 1])) == nil)
  }

  @Test func `Gemm's C is taken in every shape it may have`() {
    func folded(_ numbers: [Double], _ shape: [Int]) -> [Double] {
      Fold.gemmAddend((numbers, shape), beta: 0.5, affine: affine).numbers
    }
    #expect(Fold.gemmAddend(nil, beta: 0.5, affine: affine).numbers == [10, 20])
    #expect(folded([2], []) == [12, 23])
    #expect(folded([2], [1]) == [12, 23])
    #expect(folded([2, 4], [2]) == [12, 26])
    #expect(folded([2, 4], [1, 2]) == [12, 26])
    #expect(folded([2, 4], [2, 1]) == [12, 23, 14, 26])
    #expect(folded([2, 4, 6, 8], [2, 2]) == [12, 26, 16, 32])
  }
}
