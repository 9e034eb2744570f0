internal import SurgeonIR
internal import Testing

struct RemovedInterfaceTests {
  @Test func `what computed only a removed output goes with it`() throws {
    var model = Model(
      header: .init(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 13)]))
    let graph = model.mainGraph
    let names = ["x", "state", "y", "next"].map { model.addValue(named: $0, in: graph) }
    model.addInput(names[0])
    model.addInput(names[1])
    let relu = model.addNode("Relu", inputs: [names[0]], outputs: [names[2]], in: graph)
    model.addNode("Add", inputs: [names[0], names[1]], outputs: [names[3]], in: graph)
    model.addOutput(names[3], to: graph)
    model.addOutput(names[2], to: graph)
    var patch = Patch(to: model, in: graph, before: relu, namePrefix: "")
    patch.removeGraphOutput(names[3])
    patch.removeGraphInput(names[1])
    let effect = try model.apply(patch)
    model.removeValues(effect.orphanedValues)
    model.checkInvariants()
    #expect(model.nodes(of: graph).map { model[$0].opType } == ["Relu"])
    #expect(model[graph].inputs.map { model[$0].name } == ["x"])
    #expect(model[graph].outputs.map { model[$0].name } == ["y"])
  }
}
