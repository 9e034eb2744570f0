internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

/// What comes with a replacement: state that it keeps, a function that it calls.
struct StateTests {
  private func diff(_ before: String, _ after: String) throws -> (StructuralDiff, Model, Model) {
    let (a, b) = (try OnnxText.parse(before), try OnnxText.parse(after))
    return (try StructuralDiff(a, b), a, b)
  }

  private let normalization = """
    <ir_version: 8, opset_import: ["": 17]>
    g (float[1, 2, 4] x) => (float[1, 2, 4] y)
    <float[2] gamma = {2, 3}, float[2] beta = {1, -1}, float[2] mean = {0, 0},
     float[2] var = {1, 1}>
    { y = BatchNormalization(x, gamma, beta, mean, var) }
    """

  @Test func `nodes that renew the state of a replacement belong to it`() throws {
    let (diff, _, _) = try diff(
      normalization,
      """
      <ir_version: 8, opset_import: ["": 17]>
      g (float[1, 2, 4] x, float state) => (float[1, 2, 4] y, float next)
      <float one = {1}, float state = {0}> {
        y = Sub(x, state)
        m = ReduceMean<keepdims = 0>(x)
        next = Add(state, m)
      }
      """)
    #expect(diff.replaced.map(\.added.count) == [3])
    #expect(diff.added.isEmpty && diff.removed.isEmpty)
    let lines = diff.header.map { "\($0.kind.rawValue) \($0.subject): \($0.after ?? "-")" }
    #expect(lines == ["input state: float[] with a default", "output next: float[]"])
  }

  @Test func `a function that one model alone has is one difference`() throws {
    let (diff, _, _) = try diff(
      normalization,
      """
      <ir_version: 8, opset_import: ["": 17, "own": 1]>
      g (float[1, 2, 4] x) => (float[1, 2, 4] y) { y = own.Norm(x) }
      <domain: "own", opset_import: ["": 17]>
      Norm (x) => (y) { a = Exp(x) b = Neg(a) y = Relu(b) }
      """)
    #expect(diff.replaced.map(\.added.count) == [1])
    #expect(diff.added.isEmpty)
    #expect(diff.header.map(\.kind) == [.opset, .function])
  }

  /// `Outer` calls `Inner`, under whichever names.
  private func nested(inner: String, outer: String, last: String = "Relu") -> String {
    """
    <ir_version: 8, opset_import: ["": 17, "own": 1]>
    g (float[2] x) => (float[2] y) { a = own.\(outer)(x) y = own.\(inner)(a) }
    <domain: "own", opset_import: ["": 17]>
    \(inner) (p) => (q) { r = Exp(p) q = \(last)(r) }
    <domain: "own", opset_import: ["": 17, "own": 1]>
    \(outer) (s) => (t) { u = own.\(inner)(s) t = Neg(u) }
    """
  }

  @Test func `a function with another name is the same function`() throws {
    let (diff, _, _) = try diff(
      nested(inner: "Inner", outer: "Outer"), nested(inner: "A", outer: "B"))
    #expect(diff.isSameStructure && !diff.isIdentical)
    let lines = diff.header.map { "\($0.kind.rawValue) \($0.before ?? "-") \($0.after ?? "-")" }
    #expect(lines == ["function-name own.Inner own.A", "function-name own.Outer own.B"])
  }

  @Test func `a function that computes something else under another name is another one`() throws {
    let (diff, _, _) = try diff(
      nested(inner: "Inner", outer: "Outer"), nested(inner: "A", outer: "B", last: "Abs"))
    #expect(!diff.isSameStructure)
    #expect(diff.header.map(\.kind) == [.function, .function, .function, .function])
  }
}
