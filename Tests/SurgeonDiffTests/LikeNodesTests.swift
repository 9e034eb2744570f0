internal import SurgeonDiff
internal import SurgeonFormat
internal import SurgeonIR
internal import Testing

struct LikeNodesTests {
  @Test func `constants of one type are told apart by their numbers and readers`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 13]>
      g (float[4] x) => (float[4] y) {
        z = Constant<value = float {0.0}>()
        s = Constant<value = float {6.0}>()
        c = Clip(x, z, s)
        z2 = Constant<value = float {0.0}>()
        s2 = Constant<value = float {6.0}>()
        e = Exp(c)
        y = Clip(e, z2, s2)
      }
      """)
    let after = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 13]>
      g (float[4] m) => (float[4] n) {
        a = Constant<value = float {6.0}>()
        b = Constant<value = float {6.0}>()
        d = Constant<value = float {0.0}>()
        f = Constant<value = float {0.0}>()
        p = Clip(m, d, b)
        q = Exp(p)
        n = Clip(q, f, a)
      }
      """)
    let diff = try StructuralDiff(before, after)
    #expect(diff.changed.map(\.before) == [])
    #expect(diff.isSameStructure)
  }

  @Test func `constants that nobody reads are counterparts by content`() throws {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 13]>
      g (float[1] x) => (float[1] y) <float[1] unused = {7}> { y = Exp(x) }
      """)
    let after = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 13]>
      g (float[1] x) => (float[1] y) <float[1] idle = {7}> { y = Exp(x) }
      """)
    #expect(try StructuralDiff(before, after).isSameStructure)
  }

  @Test func `a normalisation and its scale tail that became two nodes are one replacement`() throws
  {
    let before = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 11]>
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2] gamma = {2, 0.5}, float[2] beta = {1, -1}, float[2] mean = {0, 0},
       float[2] var = {1, 1}, float[2] k = {3, 4}, float[2] t = {5, 6}>
      {
        n = BatchNormalization(x, gamma, beta, mean, var)
        k1 = Unsqueeze<axes = [1]>(k)
        s = Mul(n, k1)
        t1 = Unsqueeze<axes = [1]>(t)
        y = Add(s, t1)
      }
      """)
    let after = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 11]>
      g (float[2, 2, 4] x) => (float[2, 2, 4] y)
      <float[2, 1] slope = {6, 2}, float[2, 1] shift = {8, 2}>
      { s = Mul(x, slope) y = Add(s, shift) }
      """)
    let diff = try StructuralDiff(before, after)
    let removed = diff.replaced.map { $0.removed.map { before[$0].opType }.sorted() }
    #expect(removed == [["BatchNormalization", "Unsqueeze", "Unsqueeze"]])
    #expect(diff.removed.isEmpty)
    #expect(diff.constantsAdded.isEmpty)
    #expect(diff.constantsRemoved.isEmpty)
    #expect(diff.changed.map(\.before) == [])
  }
}
