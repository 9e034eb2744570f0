import SurgeonIR
import SurgeonShapes
import Testing

struct OperatorWorkTests {
  /// The multiplications of the node that computes y.
  private func work(
    _ opType: String, _ inputs: [String: String], output: String, _ attributes: [Attribute] = [],
    domain: String = ""
  ) throws -> Double? {
    var builder = ModelBuilder()
    let names = inputs.keys.sorted()
    for name in names { builder.input(name, inputs[name]!) }
    let node = builder.node(opType, names, ["y"], attributes, domain: domain)
    builder.record("y", output)
    let model = builder.model
    return OperatorWork.multiplications(of: model[node]) { model[$0].type?.shape?.sizes }
  }

  @Test func `each result of a convolution takes the weights of its channel`() throws {
    let inputs = ["a": "float[2, 6, 9, 11]", "b": "float[8, 6, 3, 3]"]
    #expect(try work("Conv", inputs, output: "float[2, 8, 9, 11]") == 1584 * 54)
    let grouped = ["a": "float[1, 8, 5, 7]", "b": "float[8, 2, 1, 1]"]
    #expect(
      try work("Conv", grouped, output: "float[1, 8, 5, 7]", [.int("group", 4)]) == 280 * 2)
  }

  @Test func `each element of a transposed convolution goes to its channel's weights`() throws {
    let inputs = ["a": "float[1, 4, 6, 7]", "b": "float[4, 3, 2, 2]"]
    #expect(try work("ConvTranspose", inputs, output: "float[1, 3, 12, 14]") == 168 * 12)
  }

  @Test func `a product of many matrices counts each once`() throws {
    let inputs = ["a": "float[8, 5, 7]", "b": "float[8, 7, 3]"]
    #expect(try work("MatMul", inputs, output: "float[8, 5, 3]") == 8 * 5 * 7 * 3)
    let vector = ["a": "float[7]", "b": "float[7, 3]"]
    #expect(try work("MatMul", vector, output: "float[3]") == 21)
  }

  @Test(arguments: [(0, 0), (0, 1), (1, 0), (1, 1)])
  func `Gemm sums over the same axis however its factors lie`(left: Int, right: Int) throws {
    let inputs = [
      "a": left == 0 ? "float[5, 7]" : "float[7, 5]",
      "b": right == 0 ? "float[7, 3]" : "float[3, 7]",
    ]
    #expect(
      try work(
        "Gemm", inputs, output: "float[5, 3]", [.int("transA", left), .int("transB", right)])
        == 105)
  }

  @Test func `quantised operators count as those that they stand for`() throws {
    let factors = [
      "a": "uint8[5, 7]", "b": "float", "c": "uint8", "d": "uint8[7, 3]", "e": "float",
      "f": "uint8", "g": "float", "h": "uint8",
    ]
    #expect(try work("QLinearMatMul", factors, output: "uint8[5, 3]") == 105)
    var images = factors
    images["a"] = "uint8[1, 6, 9, 9]"
    images["d"] = "uint8[8, 6, 3, 3]"
    #expect(try work("QLinearConv", images, output: "uint8[1, 8, 7, 7]") == 392 * 54)
  }

  @Test func `elementwise operators take none, others nobody counts`() throws {
    #expect(try work("Relu", ["a": "float[5, 7]"], output: "float[5, 7]") == 0)
    #expect(try work("Einsum", ["a": "float[5, 7]"], output: "float[5]") == nil)
    #expect(try work("Conv", ["a": "float[5]"], output: "float[5]", domain: "own") == nil)
    let inputs = ["a": "float[N, 7]", "b": "float[7, 3]"]
    #expect(try work("MatMul", inputs, output: "float[N, 3]") == nil)
  }

  @Test func `numbers that no integer holds are no trap`() throws {
    let inputs = ["a": "float[4611686018427387904, 8]", "b": "float[8, 8]"]
    #expect(try work("MatMul", inputs, output: "float[4611686018427387904, 8]") == 0x1p68)
  }
}
