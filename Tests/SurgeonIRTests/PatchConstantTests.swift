internal import SurgeonIR
internal import Testing

struct PatchConstantTests {
  private func model(irVersion: Int) -> (Model, Node.ID, Value.ID) {
    var model = Model(
      header: .init(irVersion: irVersion, opsetImports: [OpsetImport(domain: "", version: 8)]))
    let x = model.addValue(named: "x", type: .tensor(.float32, Shape([2])), in: model.mainGraph)
    model.addInput(x)
    let y = model.addValue(named: "y", in: model.mainGraph)
    let node = model.addNode("Relu", inputs: [x], outputs: [y], in: model.mainGraph)
    model.addOutput(y, to: model.mainGraph)
    return (model, node, x)
  }

  private func applied(irVersion: Int) throws -> Model {
    var (model, node, x) = model(irVersion: irVersion)
    var patch = Patch(to: model, in: model.mainGraph, before: node, namePrefix: "r")
    let c = patch.constant(Tensor([Float(1), 2]), name: "c")
    let sum = patch.op("Add", [x, c])
    patch.setInput(0, of: node, to: sum)
    _ = try model.apply(patch)
    model.checkInvariants()
    return model
  }

  @Test func `a constant below IR version 4 is also a typed graph input`() throws {
    let model = try applied(irVersion: 3)
    let names = model[model.mainGraph].inputs.map { model[$0].name }
    #expect(names == ["x", "r_c"])
    let c = try #require(model.value(named: "r_c", in: model.mainGraph))
    #expect(model[c].type == .tensor(.float32, Shape([2])))
    #expect(try model.constant(c)?.elements(as: Float.self) == [1, 2])
  }

  @Test func `a constant from IR version 4 on is an initializer only`() throws {
    let model = try applied(irVersion: 4)
    #expect(model[model.mainGraph].inputs.map { model[$0].name } == ["x"])
    #expect(model[model.mainGraph].initializers.map { model[$0].name } == ["r_c"])
  }
}
