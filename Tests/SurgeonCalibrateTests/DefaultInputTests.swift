internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRules
internal import Testing

/// Samples that give what a caller lists.
private struct NamedSamples: SampleSource {
  var samples: [[String: Tensor]]
  var count: Int { samples.count }
  func sample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    samples[index].mapValues { .tensor($0) }
  }
}

/// Inputs that the model has a default for.
struct DefaultInputTests {
  private static let text = """
    <ir_version: 8, opset_import: ["": 15]>
    net (float[N, 1, 4] x, float[1, 1, 1] gain) => (float[N, 1, 4] y)
    <float[1, 1, 1] gain = {1}, float[1] one = {1}, float[1] zero = {0}, float[1] m = {0},
     float[1] v = {1}>
    {
      a = BatchNormalization (x, one, zero, zero, one)
      b = Mul (a, gain)
      y = BatchNormalization (b, one, zero, m, v)
    }
    """

  /// 0, 1, 2, 3 and from there on, four to a sample.
  private func x(_ index: Int) -> Tensor {
    Tensor((0..<4).map { Float(4 * index + $0) }, shape: [1, 1, 4])
  }

  private func gain(_ number: Float) -> Tensor { Tensor([number], shape: [1, 1, 1]) }

  private func collect(
    _ samples: [[String: Tensor]], mode: CalibrationMode, text: String = Self.text
  ) throws -> CollectedStatistics {
    var options = Calibrator.Options()
    options.mode = mode
    return try Calibrator(OnnxText.parse(text), options: options)
      .collect(NamedSamples(samples: samples))
  }

  @Test func `data for an input with a default are used`() throws {
    let samples = [["x": x(0), "gain": gain(2)], ["x": x(1), "gain": gain(10)]]
    let joint = try #require(try collect(samples, mode: .joint).entry("y"))
    // The mean of 0, 2, 4, 6, 40, 50, 60, 70.
    #expect(abs(joint.mean[0] - 29) < 1e-3)
    // Normalised, these are -7, -5, ..., 7 in units of sqrt(5.25) / 2.
    let sequential = try #require(try collect(samples, mode: .sequential).entry("y"))
    #expect(abs(sequential.mean[0] - (-16.0 * 2 + 16.0 * 10) / 16 / 5.25.squareRoot()) < 1e-3)
  }

  @Test(arguments: [CalibrationMode.joint, .sequential])
  func `where a sample gives nothing its default stands`(mode: CalibrationMode) throws {
    func variance(_ gains: [Float?]) throws -> Double {
      let samples = gains.enumerated().map { index, number in
        ["x": x(index)].merging(number.map { ["gain": gain($0)] } ?? [:], uniquingKeysWith: { $1 })
      }
      let entry = try #require(try collect(samples, mode: mode).entry("y"))
      return entry.moments.variance[0]
    }
    // As many as give the same run as one, so that roundings differ.
    #expect(try abs(variance([3, nil]) / variance([3, 1]) - 1) < 1e-5)
    #expect(try abs(variance([nil, nil]) / variance([1, 1]) - 1) < 1e-5)
    #expect(try abs(variance([3, nil]) / variance([1, 1]) - 1) > 0.1)
  }

  @Test func `data that only a later sample holds are refused`() {
    #expect {
      try collect([["x": x(0)], ["x": x(1), "gain": gain(3)]], mode: .sequential)
    } throws: { error in
      (error as? SurgeonError)?.message
        == "sample 1 holds data for input 'gain', and sample 0 does not"
    }
  }

  @Test func `data for no input of the model are refused`() {
    #expect {
      try collect([["x": x(0), "z": gain(3)]], mode: .joint)
    } throws: { error in
      (error as? SurgeonError)?.message == "the model has no input 'z'"
    }
    // Below IR version 4 an initializer is a constant, wherever it is listed.
    let old = Self.text.replacing("ir_version: 8", with: "ir_version: 3")
    #expect {
      try collect([["x": x(0), "gain": gain(3)]], mode: .joint, text: old)
    } throws: { error in
      (error as? SurgeonError)?.message == "the model has no input 'gain'"
    }
  }

  @Test func `data for a statistic that is to be measured are refused`() {
    let listed = Self.text.replacing("gain) =>", with: "gain, float[1] m) =>")
    #expect {
      try collect([["x": x(0), "m": Tensor([Float(3)], shape: [1])]], mode: .joint, text: listed)
    } throws: { error in
      (error as? SurgeonError)?.message == "the data hold 'm', which is to be measured"
    }
  }
}
