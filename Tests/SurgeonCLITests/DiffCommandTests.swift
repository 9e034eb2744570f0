internal import SurgeonCLI
internal import Testing

struct DiffCommandTests {
  private let folder = Folder()

  private static let plain = "g (float[4] x) => (float[4] y) { h = Exp(x) y = Relu(h) }"

  @Test func `a model against itself is identical`() throws {
    let path = try folder.write(Self.plain, as: "a.onnx")
    let run = CommandRun("diff", path, path)
    #expect(run.status == .success)
    #expect(run.output == "identical: same structure, same names, same weights\n")
  }

  @Test func `names alone are a difference unless they are ignored`() throws {
    let before = try folder.write(Self.plain, as: "a.onnx")
    let after = try folder.write(
      "g (float[4] p) => (float[4] q) { r = Exp(p) q = Relu(r) }", as: "b.onnx")
    let run = CommandRun("diff", before, after)
    #expect(run.status == .differs)
    #expect(run.output.hasPrefix("same structure, names differ\n"))
    #expect(CommandRun("diff", before, after, "--ignore-names").status == .success)
  }

  @Test func `what replaced a node stands beside it`() throws {
    let before = try folder.write(
      """
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2] gamma = {2, 0.5}, float[2] beta = {1, -1}, float[2] mean = {0.5, -3},
       float[2] var = {4, 0.25}>
      { n = BatchNormalization(x, gamma, beta, mean, var) y = Relu(n) }
      """, as: "a.onnx")
    let after = "\(folder.path)/b.onnx"
    #expect(CommandRun("rewrite", before, "-o", after).status == .success)
    let run = CommandRun("diff", before, after)
    #expect(run.status == .differs)
    #expect(
      run.output == """
        different: 1 group replaced
          nodes      2 → 3
          parameters 8 → 4
          operators  Add 0 → 1, BatchNormalization 1 → 0, Mul 0 → 1

        replaced (1)
          BatchNormalization 'n' became Mul, Add

        """)
    let document = CommandRun("diff", before, after, "--json").output
    #expect(document.contains(#""nodes_replaced" : 1"#))
    #expect(document.contains(#""nodes_renamed" : 0"#))
  }

  @Test func `an attribute and a weight that changed are shown with both sides`() throws {
    let before = try folder.write(
      """
      g (float[4] x) => (float[4] y) <float[4] w = {1, 2, 3, 4}>
      { h = Mul(x, w) y = LeakyRelu<alpha = 0.5>(h) }
      """, as: "a.onnx")
    let after = try folder.write(
      """
      g (float[4] x) => (float[4] y) <float[4] w = {1, 2, 3.5, 4}>
      { h = Mul(x, w) y = LeakyRelu<alpha = 0.25>(h) }
      """, as: "b.onnx")
    let run = CommandRun("diff", before, after)
    #expect(
      run.output == """
        different: 1 node changed, 1 initializer changed
          nodes      2
          parameters 4

        changed (1)
          LeakyRelu 'y'
              alpha: 0.5 → 0.25

        initializers changed (1)
          initializer  type      changed      max     mean  relative norm    cosine
          w            float[4]      1/4  5.0e-01  1.2e-01        9.1e-02  0.997365

        """)
    #expect(
      CommandRun("diff", before, after, "--stat").output == """
         nodes changed        |       1 #
         initializers changed |       1 #
        different: 1 node changed, 1 initializer changed

        """)
  }

  @Test func `as git's external diff the status is always 0`() throws {
    let before = try folder.write(Self.plain, as: "a.onnx")
    let after = try folder.write("g (float[4] x) => (float[4] y) { y = Exp(x) }", as: "b.onnx")
    let run = CommandRun("diff", "m.onnx", before, "0a", "100644", after, "0b", "100644")
    #expect(run.status == .success)
    #expect(run.output.hasPrefix("model m.onnx\ndifferent: "))
    let added = CommandRun("diff", "m.onnx", "/dev/null", ".", ".", after, "0b", "100644")
    #expect(added.status == .success)
    #expect(added.output.hasPrefix("new model m.onnx\nm.onnx\n"))
  }

  @Test func `one model or three are wrong usage`() {
    #expect(CommandRun("diff", "a").status == .usage)
    #expect(CommandRun("diff", "a", "b", "c").status == .usage)
  }
}
