internal import SurgeonIR
internal import Testing

struct UseListTests {
  @Test func `uses of a widely shared value are found and removed by position`() {
    var builder = IRBuilder()
    builder.constant("c", [1])
    var nodes: [Node.ID] = []
    for index in 0..<1000 { nodes.append(builder.node("Neg", ["c"], ["v\(index)"])) }
    builder.output("c")
    let c = builder.value("c")
    #expect(builder.model[c].uses.count == 1001)
    #expect(builder.model[c].uses.contains(.node(nodes[500], input: 0)))
    for node in nodes where node.raw % 3 != 0 { builder.model.removeNode(node) }
    builder.model.checkInvariants()
    #expect(builder.model[c].uses.count == 335)
    #expect(!builder.model[c].uses.contains(.node(nodes[500], input: 0)))
    #expect(builder.model[c].uses.contains(.node(nodes[999], input: 0)))
  }

  @Test func `graph outputs among the uses are counted`() {
    var builder = IRBuilder()
    builder.input("x")
    builder.output("x")
    builder.output("x")
    let x = builder.value("x")
    #expect(builder.model[x].uses.graphOutputCount == 2)
    builder.node("Relu", ["x"], ["y"])
    builder.model.setOutput(1, of: builder.graph, to: builder.value("y"))
    #expect(builder.model[x].isGraphOutput)
    builder.model.setOutput(0, of: builder.graph, to: builder.value("y"))
    #expect(!builder.model[x].isGraphOutput)
    builder.model.checkInvariants()
  }
}
