internal import SurgeonIR
internal import Testing

struct ConstantTests {
  @Test func `constants are found behind every spelling`() throws {
    var builder = IRBuilder()
    builder.constant("w", [1, 2])
    builder.node("Identity", ["w"], ["w2"])
    builder.node("Constant", [], ["c"], [.float("value_float", 3)])
    builder.model.setInitializer(Tensor([Int64(2)]), of: builder.value("shape"))
    builder.node("ConstantOfShape", ["shape"], ["zeros"])
    builder.node(
      "ConstantOfShape", ["shape"], ["ones"], [.tensor("value", Tensor([Float(1)]))])
    func numbers(_ name: String) throws -> [Float]? {
      try builder.model.constant(builder.value(name))?.elements()
    }
    #expect(try numbers("w2") == [1, 2])
    #expect(try numbers("c") == [3])
    #expect(try numbers("zeros") == [0, 0])
    #expect(try numbers("ones") == [1, 1])
  }

  @Test func `a default that callers may override is no constant from IR version 4 on`() throws {
    for (irVersion, isConstant) in [(3, true), (4, false)] {
      var builder = IRBuilder(irVersion: irVersion)
      builder.constant("w", [1])
      builder.input("w")
      #expect(builder.model.isConstant(builder.value("w")) == isConstant)
      #expect(builder.model.isConstant(builder.value("w"), trustsDefaults: true))
    }
  }

  @Test func `what a node computes or a caller gives is no constant`() {
    var builder = IRBuilder()
    builder.input("x")
    builder.node("Relu", ["x"], ["y"])
    #expect(!builder.model.isConstant(builder.value("x")))
    #expect(!builder.model.isConstant(builder.value("y")))
  }

  @Test func `a chain of a hundred thousand Reshapes is no constant and no crash`() {
    var builder = IRBuilder()
    builder.constant("v0", [1])
    builder.model.setInitializer(Tensor([Int64(1)]), of: builder.value("shape"))
    for index in 0..<100_000 {
      builder.node("Reshape", ["v\(index)", "shape"], ["v\(index + 1)"])
    }
    #expect(builder.model.isConstant(builder.value("v10")))
    #expect(!builder.model.isConstant(builder.value("v100000")))
  }
}
