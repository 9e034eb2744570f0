internal import SurgeonIR
internal import SurgeonRules
internal import Testing

struct BatchNormalizationTests {
  private func norm(
    opset: Int, _ attributes: [Attribute] = [], extraOutputs: [String] = []
  ) throws -> BatchNormalization? {
    var builder = ModelBuilder(opset: opset)
    let x = builder.input("x", [1, 2, 3])
    let y = builder.batchNorm(
      x, "y", gamma: [1, 1], beta: [0, 0], mean: [0, 0], variance: [1, 1],
      attributes: attributes, extraOutputs: extraOutputs)
    builder.output(y)
    let model = builder.model
    let node = try #require(model.first("BatchNormalization"))
    return try BatchNormalization(node, in: model)
  }

  @Test(arguments: [1, 6])
  func `before opset 7 is_test decides the mode and is 0 by default`(opset: Int) throws {
    #expect(
      try norm(opset: opset)?.mode
        == .training(evidence: "it has no is_test, which before opset 7 means training"))
    #expect(
      try norm(opset: opset, [.int("is_test", 0)])?.mode == .training(evidence: "is_test = 0"))
    #expect(try norm(opset: opset, [.int("is_test", 1)])?.mode == .inference)
  }

  @Test(arguments: [7, 9, 13])
  func `from opset 7 to 13 the outputs decide the mode`(opset: Int) throws {
    #expect(try norm(opset: opset)?.mode == .inference)
    let training = try #require(try norm(opset: opset, extraOutputs: ["m", "v", "sm", "sv"]))
    #expect(
      training.mode
        == .training(evidence: "it has 5 outputs, which before opset 14 means training"))
    #expect(training.extraOutputs.count == 4)
  }

  @Test(arguments: [14, 15, 21])
  func `from opset 14 on training_mode decides`(opset: Int) throws {
    #expect(try norm(opset: opset)?.mode == .inference)
    #expect(
      try norm(opset: opset, [.int("training_mode", 1)], extraOutputs: ["m", "v"])?.mode
        == .training(evidence: "training_mode = 1"))
  }

  @Test func `epsilon and momentum have the standard's defaults`() throws {
    let plain = try #require(try norm(opset: 9))
    #expect(plain.epsilon == Double(Float(1e-5)))
    #expect(plain.momentum == Double(Float(0.9)))
    let given = try #require(
      try norm(opset: 9, [.float("epsilon", 0.5), .float("momentum", 0.25)]))
    #expect(given.epsilon == 0.5)
    #expect(given.momentum == 0.25)
  }

  @Test func `spatial = 0 counts before opset 9 only`() throws {
    #expect(try norm(opset: 8, [.int("spatial", 0)])?.isPerChannel == false)
    #expect(try norm(opset: 8)?.isPerChannel == true)
    #expect(try norm(opset: 9, [.int("spatial", 0)])?.isPerChannel == true)
  }

  @Test func `an attribute that a function's caller gives is no number`() throws {
    let reference = Attribute("epsilon", .reference(to: "eps", typeCode: 1))
    #expect(throws: SurgeonError.self) { try norm(opset: 15, [reference]) }
  }
}
