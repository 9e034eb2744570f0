import SurgeonRuntime
import Testing

@Suite struct FusionTests {
  private func steps(_ name: String, fused: Bool) throws -> [String] {
    let network = try #require(EngineNetwork.all.first { $0.name == name })
    return try network.steps { $0.optimize = fused }
  }

  @Test func `one step is left where statistics and activation follow a convolution`() throws {
    #expect(
      try steps("convolution, statistics, activation, residual", fused: true)
        == ["Relu fast, fused", "Relu fast, fused"])
  }

  @Test func `statistics go into the convolution that reads them`() throws {
    #expect(
      try steps("statistics before convolutions of groups and without padding", fused: true)
        == ["Relu fast, fused", "Conv fast, fused"])
  }

  @Test
  func `statistics stay where zeros beside the input are none of theirs, or others read them`()
    throws
  {
    #expect(
      try steps("statistics before zeros beside the input, and before two readers", fused: true)
        == ["BatchNormalization fast", "BatchNormalization fast, fused", "Conv fast", "Add fast"])
  }

  @Test func `one step is left of squeeze and excitation`() throws {
    #expect(
      try steps("squeeze and excitation of two layers", fused: true)
        == ["Conv fast", "Mul fast, fused", "Conv fast"])
  }

  @Test func `nothing is fused unless asked`() throws {
    let steps = try steps("convolution, statistics, activation, residual", fused: false)
    #expect(
      steps.map { $0.prefix { $0 != " " } }
        == ["Conv", "BatchNormalization", "Relu", "Conv", "Add", "Relu"])
  }

  @Test func `one step is left of a product with a constant and what follows it`() throws {
    #expect(
      try steps("few rows times small matrices of many columns", fused: true)
        == ["Tanh fast, fused", "Sigmoid fast, fused", "MatMul fast"])
  }

  @Test(arguments: ["Gemm", "MatMul"])
  func `a product of more inputs than the standard has is left alone`(product: String) throws {
    let network = EngineNetwork(
      name: "", inputs: [("x", [2, 4]), ("w", [4, 4]), ("b", [4])],
      text: """
        <ir_version: 3, opset_import: ["" : 17]>
        g (float[2,4] x, float[4,4] w, float[4] b) => (float[2,4] y) {
          c = \(product) (x, w, b, b)
          y = Relu (c)
        }
        """)
    let steps = try network.steps { $0.optimize = true }
    #expect(steps.map { $0.prefix { $0 != " " } } == [product[...], "Relu"])
  }
}
