internal import SurgeonDiff
internal import SurgeonFormat
internal import Testing

/// Types that the files record for values inside the graph.
struct RecordedTypeTests {
  private func changes(_ types: String, _ other: String, input: String = "float[N, 4]") throws
    -> [DiffReport.NodeChange]
  {
    let models = try [("float[N, 4]", types), (input, other)].map { input, types in
      try OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["": 17]>
        g (\(input) x) => (float y) <\(types)> { a = Exp(x) b = Neg(a) y = ReduceSum<keepdims = 0>(b) }
        """)
    }
    let diff = try StructuralDiff(models[0], models[1])
    return try DiffReport(diff, before: models[0], after: models[1]).changed
  }

  @Test func `a type that changed is named where it parts`() throws {
    let changed = try changes("float[N, 4] a, float[N, 4] b", "float[N, 5] a, float[N, 5] b")
    #expect(changed.map(\.before.name) == ["a"])
    #expect(changed[0].types.map(\.subject) == ["type of output 0"])
    #expect(changed[0].types.map(\.before) == ["float[N,4]"])
    #expect(changed[0].types.map(\.after) == ["float[N,5]"])
  }

  @Test(arguments: ["float[M, 4] a", "float[7, 4] a", "float[?, 4] a", "float[4, 4] unrelated"])
  func `what a type leaves open contradicts nothing`(_ other: String) throws {
    #expect(try changes("float[N, 4] a", other).isEmpty)
  }

  @Test func `another element type is a change, and what an input brings is none`() throws {
    #expect(try changes("float[N, 4] a", "double[N, 4] a").count == 1)
    #expect(try changes("float[N, 4] a", "float[N, 5] a", input: "float[N, 5]").isEmpty)
  }
}
