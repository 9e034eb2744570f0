internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

/// One node more or less among nodes that are alike, with no names to tell which.
struct RunOfLikeNodesTests {
  private let short = "g (float[4] x) => (float[4] y) { a = Exp(x) h = Relu(a) y = Mul(a, h) }"
  private let long =
    "g (float[4] k) => (float[4] o) { p = Exp(k) q = Relu(p) r = Relu(q) o = Mul(q, r) }"
  private let longer = """
    g (float[4] k) => (float[4] o) {
      p = Exp(k) q = Relu(p) r = Relu(q) s = Relu(r) t = Relu(s) o = Mul(q, t)
    }
    """

  private func diff(_ before: String, _ after: String) throws -> (StructuralDiff, Model, Model) {
    let header = "<ir_version: 8, opset_import: [\"\": 17]>\n"
    let (a, b) = (try OnnxText.parse(header + before), try OnnxText.parse(header + after))
    return (try StructuralDiff(a, b), a, b)
  }

  private func outputs(_ nodes: [Node.ID], _ model: Model) -> [String] {
    nodes.compactMap { model[$0].output(0).map { model[$0].name } }
  }

  @Test func `the new one is that which leaves every other node its inputs`() throws {
    let (diff, _, after) = try diff(short, long)
    #expect(outputs(diff.added, after) == ["q"])
    #expect(diff.changed.isEmpty && diff.removed.isEmpty)
    #expect(diff.header.filter { !$0.isNameOnly } == [])
  }

  @Test func `so is the one that went`() throws {
    let (diff, before, _) = try diff(long, short)
    #expect(outputs(diff.removed, before) == ["q"])
    #expect(diff.changed.isEmpty && diff.added.isEmpty)
  }

  @Test func `it may stand at the far end of the run`() throws {
    let between = """
      g (float[4] x) => (float[4] y) { a = Exp(x) b = Relu(a) c = Relu(b) h = Relu(c) y = Mul(a, h) }
      """
    let (diff, _, after) = try diff(between, longer)
    #expect(outputs(diff.added, after) == ["q"])
    #expect(diff.changed.isEmpty && diff.removed.isEmpty)
  }

  @Test func `a run that an output leaves in the middle keeps its outputs`() throws {
    let (diff, _, after) = try diff(
      "g (float[4] x) => (float[4] a, float[4] y) { a = Exp(x) h = Relu(a) y = Neg(h) }",
      """
      g (float[4] k) => (float[4] q, float[4] o) { p = Exp(k) q = Relu(p) r = Relu(q) o = Neg(r) }
      """)
    #expect(outputs(diff.added, after) == ["q"])
    #expect(diff.header.filter { !$0.isNameOnly } == [])
  }
}
