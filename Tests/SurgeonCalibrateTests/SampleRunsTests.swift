internal import SurgeonCalibrate
internal import SurgeonData
internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime
internal import Testing

struct SampleRunsTests {
  private static let text = """
    <ir_version: 8, opset_import: ["" : 13]>
    g (double[N, 2, 2] x) => (double[N, 2, 2] y, double[N, 2, 2] z)
    <double[2] ones = {1, 1}, double[2] zeros = {0, 0}>
    {
      a = BatchNormalization <epsilon = 0.0> (x, ones, zeros, zeros, ones)
      b = Relu(a)
      y = Add(b, x)
      z = Neg(x)
    }
    """

  @Test func `what lies behind a disturbed value runs on each sample as it is changed`() throws {
    let model = try OnnxText.parse(Self.text)
    let batches = [
      Tensor([1.0, -2, 3, 4], shape: [1, 2, 2]),
      Tensor([0.0, 1, -1, 2, 5, 5, -5, -5], shape: [2, 2, 2]),
    ]
    let runs = SampleRuns(options: SessionOptions()) { _ in GivenSamples(tensors: batches) }
    let a = try #require(model.allNodes.first.flatMap { model[$0].output(0) })
    // Each sample has a change of its own; none is left to draw.
    let changes = [3.0, 1, 2].map { ChannelAffine(slope: [$0, $0], intercept: [0, 0]) }
    let outputs = model[model.mainGraph].outputs
    let differences = try runs.differences(
      of: outputs, in: model,
      disturbing: [a: Disturbance(changes: changes, deviations: [1, 1], arriving: 0)])
    // y is 2, -2, 6, 8; 0, 2, -1, 4; 10, 10, -5, -5. The rectified 1, 3, 4 gain twice themselves,
    // those of the second sample nothing, 5 and 5 once.
    let (difference, power) = (154.0, 379.0)
    let atY = try #require(differences[0])
    #expect(abs(atY * atY - difference / power) < 1e-12)
    #expect(differences[1] == 0)
  }
}
