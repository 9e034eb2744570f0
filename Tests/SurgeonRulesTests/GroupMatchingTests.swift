internal import SurgeonRules
internal import Testing

struct GroupMatchingTests {
  private let parameters = BatchNormalizationParameters(
    gamma: [1, 2, 3, 4], beta: [0, 1, 2, 3], mean: [1, 3, -2, 2], variance: [3, 8, 15, 24],
    epsilon: 1)

  @Test func `group statistics are those of the mixture of channels`() {
    let matching = GroupMatching(parameters, groups: 2)
    #expect(matching.groupMean == [2, 0])
    // (3 + 1 + 8 + 1) / 2, (15 + 4 + 24 + 4) / 2
    #expect(matching.groupVariance == [6.5, 23.5])
  }

  @Test func `one group per channel changes nothing`() {
    let matching = GroupMatching(parameters, groups: 4)
    #expect(matching.scale == parameters.gamma)
    #expect(matching.bias == parameters.beta)
  }

  @Test(arguments: [1, 2, 4])
  func `at the running group statistics the function is the frozen one`(groups: Int) {
    let matching = GroupMatching(parameters, groups: groups)
    let affine = ChannelAffine(parameters)
    for channel in 0..<4 {
      let group = channel / (4 / groups)
      let sigma = (matching.groupVariance[group] + parameters.epsilon).squareRoot()
      for x in [-3.0, 0, 5] {
        let grouped =
          matching.scale[channel] * (x - matching.groupMean[group]) / sigma
          + matching.bias[channel]
        #expect(abs(grouped - (x * affine.slope[channel] + affine.intercept[channel])) < 1e-12)
      }
    }
  }
}
