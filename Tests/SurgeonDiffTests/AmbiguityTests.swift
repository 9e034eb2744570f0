internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

/// Where several counterparts would do, and where what differs is no node.
struct AmbiguityTests {
  private func diff(_ before: String, _ after: String) throws -> (StructuralDiff, Model, Model) {
    let header = "<ir_version: 8, opset_import: [\"\": 17]>\n"
    let (a, b) = (try OnnxText.parse(header + before), try OnnxText.parse(header + after))
    return (try StructuralDiff(a, b), a, b)
  }

  @Test func `of two like nodes in a row the one with a new name was inserted`() throws {
    let (diff, _, after) = try diff(
      "g (float[4] x) => (float[4] y) { a = Exp(x) b = Relu(a) y = Neg(b) }",
      "g (float[4] x) => (float[4] y) { a = Exp(x) new = Relu(a) b = Relu(new) y = Neg(b) }")
    #expect(
      diff.added.map { after[$0].outputs.compactMap { $0.map { after[$0].name } } } == [["new"]])
    #expect(diff.changed.isEmpty && diff.removed.isEmpty && diff.renamed.isEmpty)
  }

  @Test func `swapped results of twins that compute the same are found by their names`() throws {
    let (diff, _, _) = try diff(
      "g (float[4] x) => (float[4] y) { a = Exp(x) b = Exp(x) y = Sub(a, b) }",
      "g (float[4] x) => (float[4] y) { a = Exp(x) b = Exp(x) y = Sub(b, a) }")
    #expect(diff.changed.map(\.inputs) == [[0, 1]])
  }

  @Test func `a node that was inserted at the input moves nothing behind it`() throws {
    let (diff, _, _) = try diff(
      "g (float[4] x) => (float[4] y) { a = Exp(x) b = Exp(x) c = Exp(x) y = Neg(a) }",
      "g (float[4] i) => (float[4] o) { n = Abs(i) p = Exp(n) q = Exp(n) r = Exp(n) o = Neg(p) }")
    #expect(diff.added.count == 1 && diff.removed.isEmpty && diff.changed.isEmpty)
  }

  @Test func `between two replacements like nodes are told apart by their surroundings`() throws {
    func network(_ first: String, _ last: String) -> String {
      """
      g (float[4] x) => (float[4] y) <float[1] w = {3}, float[1] v = {5}> {
        a = \(first)(x)
        b = Mul(a, w)  c = Neg(b)  d = Exp(c)
        e = Mul(a, v)  f = Neg(e)  h = Exp(f)
        i = Sub(d, h)
        y = \(last)(i)
      }
      """
    }
    let (diff, _, _) = try diff(network("Sin", "Cos"), network("Tan", "Atan"))
    #expect(diff.replaced.count == 2)
    #expect(diff.changed.isEmpty && diff.added.isEmpty && diff.removed.isEmpty)
  }

  @Test func `an output that a node lost is a change`() throws {
    let (diff, _, _) = try diff(
      "g (float[4] x) => (float[4] y) { y, mask = Dropout(x) }",
      "g (float[4] x) => (float[4] y) { y = Dropout(x) }")
    #expect(diff.changed.map(\.outputs) == [[1]])
    #expect(!diff.isSameStructure)
  }

  @Test func `outputs of the graph that changed places are found`() throws {
    let (diff, _, _) = try diff(
      "g (float[4] x) => (float[4] y, float[4] z) { y = Exp(x) z = Neg(x) }",
      "g (float[4] x) => (float[4] z, float[4] y) { y = Exp(x) z = Neg(x) }")
    #expect(!diff.isSameStructure)
    #expect(
      diff.header.filter { $0.kind == .outputSource }.map { [$0.before, $0.after] }
        == [["Exp 'y'", "Neg 'z'"], ["Neg 'z'", "Exp 'y'"]])
  }

  @Test func `another result of a body is found`() throws {
    func network(_ result: String) -> String {
      """
      g (bool c, float[4] x) => (float[4] y) {
        y = If (c) <
          then_branch = t () => (float[4] \(result)) { p = Exp(x) q = Neg(p) },
          else_branch = e () => (float[4] r) { r = Abs(x) }
        >
      }
      """
    }
    let (diff, _, _) = try diff(network("q"), network("p"))
    #expect(diff.header.map(\.subject) == ["output 0 of the body of If 'y'"])
    #expect(try self.diff(network("q"), network("q")).0.isIdentical)
  }
}
