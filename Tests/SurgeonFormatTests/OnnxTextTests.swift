import SurgeonFormat
import SurgeonIR
import Testing

@Suite struct OnnxTextTests {
  @Test func `a model with header, constants, attributes and labels is read`() throws {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 17, "com.example" : 1], producer_name: "hand">
      # a comment
      net (float[N, 3, 8, 8] x) => (float[N, 4, ?, ?] y)
      <float[4, 3, 1, 1] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, float[N, 4, 8, 8] c>
      {
        [conv] c = Conv <kernel_shape = [1, 1], auto_pad = "VALID"> (x, w)
        y, "odd name" = com.example.Clip : twice (c, , x) <low: float = 0, high = 6.0>
      }
      """)
    #expect(model.header.irVersion == 8)
    #expect(model.header.opsetImports.map(\.version) == [17, 1])
    let nodes = model.allNodes.map { model[$0] }
    #expect(nodes.map(\.opType) == ["Conv", "Clip"])
    #expect(nodes[0].name == "conv")
    #expect(nodes[0].ints("kernel_shape") == [1, 1])
    #expect(nodes[1].domain == "com.example")
    #expect(nodes[1].overload == "twice")
    #expect(nodes[1].inputs.map { $0.map { model[$0].name } } == ["c", nil, "x"])
    #expect(nodes[1].float("low") == 0)
    #expect(nodes[1].float("high") == 6)
    let weight = try #require(model.localValue(named: "w", in: model.mainGraph))
    #expect(model[weight].initializer?.shape == [4, 3, 1, 1])
    #expect(try model[weight].initializer?.elements(as: Float.self)?.last == 12)
    let input = model[model[model.mainGraph].inputs[0]]
    #expect(
      input.type
        == .tensor(.float32, Shape([.symbolic("N"), .known(3), .known(8), .known(8)])))
    #expect(model.brokenInvariants() == [])
  }

  @Test func `bodies read the values around them, and functions have a scope of their own`() throws
  {
    let model = try OnnxText.parse(
      """
      <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
      net (bool c, float[2] x) => (float[2] y) {
        y = If (c) <
          then_branch = then () => (float[2] a) { a = local.Twice (x) },
          else_branch = other () => (float[2] b) { b = Identity (x) }
        >
      }
      <domain: "local", opset_import: ["" : 17]>
      Twice <alpha, beta: int = 2> (x) => (y) {
        two = Constant <value = float {2}> ()
        y = Mul (x, two)
      }
      """)
    #expect(model.brokenInvariants() == [])
    let x = try #require(model.localValue(named: "x", in: model.mainGraph))
    #expect(model[x].uses.count == 2)
    #expect(model.functions.map(\.name) == ["Twice"])
    #expect(model.functions[0].attributeNames == ["alpha"])
    #expect(model.functions[0].attributeDefaults.map(\.name) == ["beta"])
    #expect(
      model.nodes(of: model.functions[0].body).map { model[$0].opType } == ["Constant", "Mul"])
  }

  @Test func `an error shows line, column and a caret`() {
    let text = "net (float[2] x) => (float[2] y) {\n  y = Relu (z)\n}\n"
    #expect {
      try OnnxText.parse(text)
    } throws: { error in
      (error as? SurgeonError)?.description == """
        error: nothing defines 'z'
          at line 2, column 13
              y = Relu (z)
                        ^
        """
    }
  }

  @Test(arguments: [
    ("net (float[2] x) => (float[2] y) { y = Relu x }", "'(' expected"),
    ("net (float[2] x) -> (float[2] y) { }", "'=' expected"),
    (
      "net (float[2] x) => (float[2] y) < float[2] w = {1, 2, 3} > { y = Add (x, w) }",
      "the shape wants 8 bytes of float, 12 are given"
    ),
    ("net () => () { y = Op <a = []> () }", "an empty list needs a type"),
    (
      "net () => () { y = Op <a: int = \"s\"> () }",
      "the value of 'a' is of another type than declared"
    ),
    ("net () => () { y = Op () y = Op () }", "'y' is defined twice"),
    ("net () => () { y = Op <a = \"s> () }", "the string has no end"),
    ("net (flot[2] x) => () { }", "')' expected"),
    ("<ir_version: x> net () => () { }", "a number or a string expected"),
    ("<version: 8> net () => () { }", "'version' is no field of a model"),
  ])
  func `what is wrong is said`(text: String, message: String) {
    #expect {
      try OnnxText.parse(text)
    } throws: { error in
      (error as? SurgeonError)?.message == message
    }
  }
}
