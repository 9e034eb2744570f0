internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonTestSupport
internal import Testing

struct TextPrinterTests {
  /// What is printed, parsed and printed again is the same text.
  private func printed(_ text: String) throws -> String {
    let first = OnnxText.print(try OnnxText.parse(text))
    #expect(OnnxText.print(try OnnxText.parse(first)) == first)
    return first
  }

  @Test func `a graph is printed a line per node, with names in quotes where they need it`() throws
  {
    let text = try printed(
      """
      <ir_version: 8, opset_import: ["": 13]>
      g (float[N, 3] x) => (float[N, 3] "y/out") <float[3] w = {1, 2.5, -3}> {
        [first] h = Mul(x, w)
        "y/out" = LeakyRelu<alpha = 0.5>(h)
      }
      """)
    #expect(
      text == """
        <
          ir_version: 8,
          opset_import: ["" : 13]
        >
        g (float[N, 3] x) => (float[N, 3] "y/out")
        <
          float[3] w = {1.0, 2.5, -3.0}
        >
        {
          [first] h = Mul (x, w)
          "y/out" = LeakyRelu <alpha = 0.5> (h)
        }

        """)
  }

  @Test func `attributes of every kind survive`() throws {
    let text = try printed(
      """
      <ir_version: 8, opset_import: ["": 13, "org.example": 1]>
      g (float x) => (float y) {
        y = org.example.Op<a = 1, b = [1, 2], c: floats = [], d = "a \\" b", e = ["p", "q"],
          f = int64[2] {3, 4}, h = 1e-05, i = [0.5, 1.0], j = float {2}>(x)
      }
      """)
    #expect(
      text.contains(
        #"org.example.Op <a = 1, b = [1, 2], c: floats = [], d = "a \" b", e = ["p", "q"], "#
          + #"f = int64[2] {3, 4}, h = 1e-05, i = [0.5, 1.0], j = float {2.0}> (x)"#))
  }

  @Test func `left-out inputs keep their places, bodies their own lines`() throws {
    let text = try printed(
      """
      <ir_version: 8, opset_import: ["": 13]>
      g (bool c, float[4] x) => (float[4] y) {
        k = Clip(x, , x)
        y = If (c) <then_branch = t () => (float[4] a) { a = Relu(k) },
                    else_branch = e () => (float[4] b) { b = Neg(k) }>
      }
      """)
    #expect(text.contains("  k = Clip (x, \"\", x)\n"))
    #expect(
      text.contains(
        """
          y = If <then_branch = t () => (float[4] a)
          {
            a = Relu (k)
          }, else_branch = e () => (float[4] b)
          {
            b = Neg (k)
          }> (c)

        """))
  }

  @Test func `large constants are left out and described`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["": 13]>
      g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { y = Mul(x, w) }
      """)
    let options = OnnxText.PrintOptions(largestConstant: 2) { "\($0.count) numbers" }
    #expect(OnnxText.print(model, options: options).contains("float[3] w = {}  # 3 numbers\n"))
  }

  @Test func `constants of every element type come back as the bytes they were`() throws {
    let model = try ModelReader.read(path: Fixture.path("exotic/exotic.onnx"))
    let again = try OnnxText.parse(OnnxText.print(model))
    for value in model[model.mainGraph].initializers where model[value].initializer != nil {
      // A Boolean is one bit, whatever its byte holds.
      if model[value].name == "raw_BOOL" { continue }
      let name = model[value].name
      let tensor = try #require(model[value].initializer)
      // What is in another file is named, and a text has no directory to find it in.
      if ["beta", "mean", "var"].contains(name) { continue }
      let found = try #require(again.localValue(named: name, in: again.mainGraph))
      let other = try #require(again[found].initializer, "\(name)")
      #expect(other.elementType == tensor.elementType && other.shape == tensor.shape, "\(name)")
      if case .strings = tensor.storage { continue }
      #expect(try other.bytes().equals(tensor.bytes()), "\(name)")
    }
  }

  @Test func `a left-out input and a body with an impossible name are read again`() throws {
    let text = """
      <
        ir_version: 8,
        opset_import: ["" : 17]
      >
      net (bool c) => (y)
      {
        a = Op ("")
        y = If <then_branch = body_float () => (t)
        {
          t = Op (a, "")
        }, else_branch = a_b () => (e)
        {
          e = Op ()
        }> (c)
      }

      """
    var model = try OnnxText.parse(text)
    #expect(OnnxText.print(model) == text)
    var header = Graph.Header()
    for (index, name) in ["float", "a/b"].enumerated() {
      header.name = name
      model.setHeader(header, of: model.graphs[index + 1])
    }
    #expect(OnnxText.print(model) == text)
  }
}
