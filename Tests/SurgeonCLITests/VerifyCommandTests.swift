internal import SurgeonCLI
internal import Testing

struct VerifyCommandTests {
  private let folder = Folder()

  @Test func `the same function is 0 and said in one line`() throws {
    let before = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "a.onnx")
    let run = CommandRun("verify", before, before)
    #expect(run.status == .success)
    #expect(
      run.output == """
        identical: the same bits (1 sample, the model's precision)
          output  max abs  mean abs  relative    cosine  SNR dB
          y             0         0         0  1.000000     inf  same bits

        """)
  }

  @Test func `another function is 1`() throws {
    let before = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "a.onnx")
    let after = try folder.write("g (float[4] x) => (float[4] y) { y = Sin(x) }", as: "b.onnx")
    let run = CommandRun("verify", before, after, "--precision", "double")
    #expect(run.status == .differs)
    #expect(run.output.hasPrefix("different: largest relative error"))
  }

  @Test func `the tolerance of one output is chosen by its name`() throws {
    let before = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "a.onnx")
    let after = try folder.write("g (float[4] x) => (float[4] y) { y = Sin(x) }", as: "b.onnx")
    #expect(CommandRun("verify", before, after, "--tolerance", "y=100,0").status == .success)
    #expect(CommandRun("verify", before, after, "--tolerance", "y=100").status == .usage)
  }

  @Test func `a constant output is warned of`() throws {
    let model = try folder.write(
      "g (float[4] x) => (float[4] y) <float zero = {0.0}> { y = Mul(x, zero) }", as: "a.onnx")
    let run = CommandRun("verify", model, model)
    #expect(run.status == .success)
    #expect(run.output.hasPrefix("inconclusive: nothing differs, but the outputs are constant"))
    #expect(
      run.errors
        == "warning: 1 output of the first model is constant ('y'): evidence of nothing\n")
  }
}
