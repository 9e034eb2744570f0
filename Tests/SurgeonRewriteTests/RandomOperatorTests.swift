internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonRuntime
internal import Testing

struct RandomOperatorTests {
  @Test func `the operators that draw are those whose kernels do`() {
    let random = KernelRegistry.standard.all.filter(\.isRandom)
    #expect(Set(random.map(\.opType)) == Model.randomOperators)
    #expect(random.allSatisfy { $0.domain.isEmpty })
  }

  /// Each with the opset, and whether the node draws.
  @Test(arguments: [
    (13, "y = RandomNormalLike (x)", true), (13, "y = Dropout (x, half, on)", true),
    (13, "y = Dropout (x, half, asked)", true), (13, "y = Dropout (x, half, off)", false),
    (13, "y = Dropout (x)", false), (7, "y = Dropout (x)", false), (6, "y = Dropout (x)", true),
    (6, "y = Dropout <is_test = 1> (x)", false), (13, "y = Relu (x)", false),
    // Operators of the same name, and one that only a function of its own gives a meaning.
    (13, "y = other.RandomNormalLike (x)", false), (13, "y = Multinomial (x)", false),
  ])
  func `a node draws unless it is a Dropout that certainly is in inference mode`(
    opset: Int, node: String, draws: Bool
  ) throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : \(opset), "other" : 1]>
      g (float[4] x, bool asked) => (float[4] y)
      <float half = {0.5}, bool on = {1}, bool off = {0}> { \(node) }
      <domain: "", opset_import: ["" : \(opset)]> Multinomial (a) => (b) { b = Relu (a) }
      """)
    let drawing = try #require(model.allNodes.first)
    #expect(try model.drawsAtRandom(drawing) == draws)
  }
}
