internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonVerify
internal import Testing

struct TrainEvalGapTests {
  private func gap(opset: Int, mean: Double, variance: Double) throws -> TrainEvalGap {
    let model = try OnnxText.parse(
      """
      <ir_version: 7, opset_import: ["": \(opset)]>
      g (float[1, 1, 4] x) => (float[1, 1, 4] y)
      <float[1] gamma = {1}, float[1] beta = {0}, float[1] mean = {\(mean)},
       float[1] var = {\(variance)}>
      { y = BatchNormalization<epsilon = 0.0>(x, gamma, beta, mean, var) }
      """)
    // Mean 0, variance 1.
    let x = Tensor([-1, 1, -1, 1] as [Float], shape: [1, 1, 4])
    return try TrainEvalGap(model, samples: OneSample(inputs: ["x": .tensor(x)]))
  }

  @Test(arguments: [9, 13, 15])
  func `statistics that are the batch's leave no gap`(opset: Int) throws {
    let gap = try gap(opset: opset, mean: 0, variance: 1)
    #expect(gap.largest < 1e-6)
    #expect(gap.sites.map(\.name) == ["y"])
    #expect(gap.sites[0].count == 4)
    #expect(gap.sites[0].gap < 1e-6)
  }

  @Test(arguments: [9, 13, 15])
  func `a shifted mean and a wider deviation are measured at the node and at the output`(
    opset: Int
  ) throws {
    let gap = try gap(opset: opset, mean: 1, variance: 4)
    // Inference gives (x - 1) / 2 = -1, 0, -1, 0, training x itself.
    #expect(abs(gap.largest - 1) < 1e-6)
    #expect(abs(gap.sites[0].gap - 1) < 1e-6)
    #expect(gap.sites[0].meanDistance == 0.5)
    #expect(abs(gap.sites[0].deviationDistance - 0.693_147_18) < 1e-6)
  }

  private struct TwoSamples: SampleSource {
    let means: [Float]
    var count: Int { means.count }
    func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
      let numbers = [-1, 1, -1, 1].map { means[index] + $0 }
      return ["x": .tensor(Tensor(numbers, shape: [1, 1, 4]))]
    }
  }

  @Test(arguments: [([3, -3] as [Float], 3.0, 0.0), ([3, 1], 5.0.squareRoot(), 2.0)])
  func `what all batches have in common is told from what sets them apart`(
    _ means: [Float], _ distance: Double, _ shift: Double
  ) throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 7, opset_import: ["": 13]>
      g (float[1, 1, 4] x) => (float[1, 1, 4] y)
      <float[1] one = {1}, float[1] zero = {0}>
      { y = BatchNormalization<epsilon = 0.0>(x, one, zero, zero, one) }
      """)
    let gap = try TrainEvalGap(model, samples: TwoSamples(means: means))
    #expect(gap.sites.map(\.meanDistance) == [distance])
    #expect(gap.sites.map(\.shift) == [shift])
  }
}
