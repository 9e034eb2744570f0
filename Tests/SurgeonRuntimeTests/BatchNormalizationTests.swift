import SurgeonIR
import SurgeonRuntime
import Testing

struct BatchNormalizationTests {
  private let x = floats([1, 3, 5, 7], [2, 1, 2])
  private let one = floats([1], [1])
  private let zero = floats([0], [1])

  @Test(arguments: [7, 9, 14, 15])
  func `a single output normalises with the given statistics`(opset: Int) throws {
    let y = try run(
      "BatchNormalization", [x, floats([2], [1]), one, floats([1], [1]), floats([4], [1])],
      [.float("epsilon", 0)], opset: opset)
    #expect(y[0].floats == [1, 3, 5, 7])
  }

  @Test(arguments: [1, 6])
  func `before version 7 the attribute is_test decides`(opset: Int) throws {
    let inputs = [x, one, zero, zero, one]
    let frozen = try run(
      "BatchNormalization", inputs, [.int("is_test", 1), .float("epsilon", 0)], opset: opset)
    #expect(frozen[0].floats == [1, 3, 5, 7])
    let batch = try run("BatchNormalization", inputs, [.float("epsilon", 4)], opset: opset)
    // Mean 4, variance 5: (x - 4) / 3.
    #expect(batch[0].floats == [-1, -1.0 / 3, 1.0 / 3, 1])
  }

  @Test func `training mode yields running statistics weighted by momentum`() throws {
    let y = try run(
      "BatchNormalization", [x, one, zero, floats([2], [1]), floats([9], [1])],
      [.int("training_mode", 1), .float("momentum", 0.75), .float("epsilon", 4)], outputs: 3)
    #expect(y[0].floats == [-1, -1.0 / 3, 1.0 / 3, 1])
    #expect(y[1].floats == [2 * 0.75 + 4 * 0.25])
    #expect(y[2].floats == [9 * 0.75 + 5 * 0.25])
  }

  @Test func `spatial 0 has a parameter for each element of a sample`() throws {
    let parameters = floats([1, 10], [1, 2])
    let zeros = floats([0, 0], [1, 2])
    let ones = floats([1, 1], [1, 2])
    let y = try run(
      "BatchNormalization", [x, parameters, zeros, zeros, ones],
      [.int("spatial", 0), .float("epsilon", 0)], opset: 7)
    #expect(y[0].floats == [1, 30, 5, 70])
  }

  @Test func `epsilon left out is the Float32 number 1e-5, in Float64 too`() throws {
    let x = Tensor([1.5, -2.0], shape: [2, 1])
    let inputs = [x, Tensor([1.0]), Tensor([0.0]), Tensor([0.25]), Tensor([0.001])]
    let implied = try run("BatchNormalization", inputs)[0].elements(as: Double.self)
    let stated = try run("BatchNormalization", inputs, [.float("epsilon", 1e-5)])[0]
    #expect(try implied == stated.elements(as: Double.self))
  }

  @Test func `each of many channels has its own parameters, on any number of threads`() throws {
    // More of three elements than a thread takes at a time, and some left over.
    let (channels, plane) = (3001, 3)
    let x = (0..<2 * channels * plane).map { Double($0 % 17) }
    let scale = (0..<channels).map { Double($0 % 5) - 2 }
    let bias = (0..<channels).map { Double($0 % 11) }
    let mean = (0..<channels).map { Double($0 % 7) }
    let variance = (0..<channels).map { $0 % 2 == 0 ? 0.25 : 4.0 }
    let expected = x.indices.map { index in
      let channel = index / plane % channels
      return (x[index] - mean[channel]) * scale[channel] * (channel % 2 == 0 ? 2 : 0.5)
        + bias[channel]
    }
    for threads in [1, 2, 3] {
      var options = SessionOptions()
      options.threads = threads
      let y = try run(
        "BatchNormalization",
        [Tensor(x, shape: [2, channels, plane])]
          + [scale, bias, mean, variance].map { Tensor($0) },
        [.float("epsilon", 0)], options: options)
      #expect(y[0].doubles == expected)
    }
  }
}
