internal import SurgeonCLI
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

struct ShowCommandTests {
  private let folder = Folder()

  @Test func `weights are shape, hash and statistics`() throws {
    let path = try folder.write(
      "g (float[4] x) => (float[4] y) <float[4] w = {1, 2, 3, 6}> { y = Mul(x, w) }",
      as: "m.onnx")
    let run = CommandRun("show", path, "--elements", "2")
    #expect(run.status == .success)
    let line = run.output.split(separator: "\n").first { $0.contains("float[4] w = {}") }
    let described = try #require(line)
    #expect(described.contains("  # hash "))
    #expect(described.hasSuffix(", mean 3, std 1.87, min 1, max 6"))
  }

  @Test func `what is shown parses again`() throws {
    let path = try folder.write(
      "g (float[4] x) => (float[4] y) { h = Exp(x) y = Relu(h) }", as: "m.onnx")
    let model = try OnnxText.parse(CommandRun("show", path).output)
    #expect(model.allNodes.map { model[$0].opType } == ["Exp", "Relu"])
  }
}
