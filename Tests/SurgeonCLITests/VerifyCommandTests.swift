internal import SurgeonCLI
internal import SurgeonData
internal import SurgeonIR
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
          output  max abs  99 %  mean abs  relative    cosine  SNR dB
          y             0     0         0         0  1.000000     inf  same bits

        """)
  }

  @Test func `another function is 1`() throws {
    let before = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "a.onnx")
    let after = try folder.write("g (float[4] x) => (float[4] y) { y = Sin(x) }", as: "b.onnx")
    let run = CommandRun("verify", before, after, "--precision", "double")
    #expect(run.status == .differs)
    #expect(run.output.hasPrefix("different: largest relative error"))
  }

  @Test func `a number that became none is no small error`() throws {
    let before = try folder.write("g (float[2] x) => (float[2] y) { y = Exp(x) }", as: "a.onnx")
    let after = try folder.write(
      "g (float[2] x) => (float[2] y) { z = Sub(x, x) y = Div(z, z) }", as: "b.onnx")
    let run = CommandRun("verify", before, after, "--first-divergence")
    #expect(run.status == .differs)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(
      lines[0] == "different: output 'y': 2 of 2 elements NaN, infinite or unequal "
        + "(1 sample, the model's precision)")
    #expect(lines.contains { $0.hasPrefix("first divergence: Exp 'y', 2 of 2 elements NaN") })
  }

  @Test func `an output that is missing is what differs`() throws {
    let before = try folder.write(
      "g (float[2] x) => (float[2] y, float[2] z) { y = Exp(x) z = Neg(x) }", as: "a.onnx")
    let after = try folder.write("g (float[2] x) => (float[2] y) { y = Exp(x) }", as: "b.onnx")
    let run = CommandRun("verify", before, after)
    #expect(
      run.output.hasPrefix("different: 1 output missing (1 sample, the model's precision)\n"))
  }

  @Test func `the tolerance of one output is chosen by its name`() throws {
    let before = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "a.onnx")
    let after = try folder.write("g (float[4] x) => (float[4] y) { y = Sin(x) }", as: "b.onnx")
    #expect(CommandRun("verify", before, after, "--tolerance", "y=100,0").status == .success)
    #expect(CommandRun("verify", before, after, "--tolerance", "y=100").status == .usage)
    #expect(
      CommandRun("verify", before, after, "--tolerance", "z=1,1").errors == """
        error: no output is called 'z' (--tolerance)
          at \(before): outputs: 'y'

        """)
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

  private func dropping(_ name: String, by mode: String = "on") -> String {
    """
    g (float[64] x) => (float[64] y) <float half = {0.5}, bool on = {1}, bool off = {0}>
    { [\(name)] y = Dropout(x, half, \(mode)) }
    """
  }

  @Test func `a Dropout by which two runs differ is named, with what ends it`() throws {
    let before = try folder.write(dropping("drop"), as: "a.onnx")
    let after = try folder.write(dropping("drop", by: "off"), as: "b.onnx")
    let run = CommandRun("verify", before, after)
    #expect(run.status == .differs)
    #expect(
      run.errors == """
        warning: 1 node draws at random what none of the other model draws (Dropout 'drop' of the \
        first model): the outputs differ by chance
        hint: 'surgeon rewrite --rule stop-dropout' puts every Dropout into inference mode, '--to \
        batchnorm' every normalisation, too

        """)
    let stopped = "\(folder.path)/stopped.onnx"
    #expect(
      CommandRun("rewrite", before, "--rule", "stop-dropout", "-o", stopped).status == .success)
    let again = CommandRun("verify", stopped, after)
    #expect(again.status == .success)
    #expect(again.errors == "")
  }

  @Test func `nodes of one name draw the same, and are no reason of a difference`() throws {
    let before = try folder.write(dropping("drop"), as: "a.onnx")
    #expect(CommandRun("verify", before, before).errors == "")
    let renamed = try folder.write(dropping("other"), as: "b.onnx")
    let json = CommandRun("verify", before, renamed, "--json").output
    for (side, name) in [("before", "drop"), ("after", "other")] {
      #expect(
        json.contains(
          """
            "random_nodes_\(side)" : [
              {
                "name" : "\(name)",
                "op_type" : "Dropout"
              }
            ],
          """))
    }
  }

  @Test func `the rewrite that breaks a tolerance is found`() throws {
    let model = try folder.write(
      """
      g (float[1, 2, 64] x) => (float[1, 2, 64] y)
      <float[2] one = {1, 1}, float[2] zero = {0, 0}, float[2] far = {8, 8}> {
        a = BatchNormalization(x, one, zero, zero, one)
        b = BatchNormalization(x, one, zero, far, one)
        y = Add(a, b)
      }
      """, as: "a.onnx")
    let plan = try folder.write(
      text: "version = 1\n[[nodes]]\nto = \"instancenorm\"\nmatch-by = \"copy\"\n", as: "plan.toml")
    let run = CommandRun("verify", model, model, "--atol", "4", "--rtol", "0", "--bisect", plan)
    #expect(run.errors == "")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines[3].hasPrefix("1 rewrite alone breaks the tolerance: relative error "))
    #expect(lines[5].hasPrefix("  b     instancenorm") && lines[5].hasSuffix("  culprit"))
    #expect(lines[6].hasPrefix("  1 other rewrite stays within it alone (at most "))
    #expect(lines.last == "hint: leave it out with --except 'b'")
  }

  @Test func `a plan that fits to data is bisected with the data of the comparison`() throws {
    let model = try folder.write(
      """
      g (float[1, 4, 64] x) => (float[1, 4, 64] y)
      <float[4] one = {1, 1, 1, 1}, float[4] zero = {0, 0, 0, 0}, float[4] far = {9, 9, 9, 9}> {
        a = BatchNormalization(x, one, zero, far, one)
        y = Neg(a)
      }
      """, as: "a.onnx")
    let data = "\(folder.path)/x.npz"
    // Two samples of another size: no normalisation by the sample fits both.
    let numbers = (0..<512).map { Float($0 * 37 % 101) / ($0 < 256 ? 50 : 5) }
    try Npz.write([("x", Tensor(numbers, shape: [2, 4, 64]))], to: data)
    let plan = try folder.write(
      text: "version = 1\n[[nodes]]\nto = \"groupnorm\"\nmatch-by = \"data\"\n", as: "plan.toml")
    let run = CommandRun(
      "verify", model, model, "--inputs", data, "--atol", "1e-4", "--rtol", "0", "--bisect", plan)
    #expect(run.errors == "")
    #expect(run.output.contains("1 rewrite alone breaks the tolerance"))
  }
}
