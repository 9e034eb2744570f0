internal import SurgeonIR
internal import Testing

struct ModelEditTests {
  @Test func `a snapshot does not see later edits`() {
    var builder = IRBuilder()
    builder.input("x")
    let node = builder.node("Relu", ["x"], ["y"])
    let before = builder.model
    builder.model.updateNode(node) { $0.opType = "Neg" }
    #expect(before[node].opType == "Relu")
    #expect(builder.model[node].opType == "Neg")
  }

  @Test func `fresh names avoid values, nodes and names already given`() {
    var builder = IRBuilder()
    builder.input("x")
    builder.node("Relu", ["x"], ["y"], name: "act")
    builder.model.pinnedNames = ["kept"]
    #expect(builder.model.freshName("free") == "free")
    #expect(builder.model.freshName("free") == "free_1")
    #expect(builder.model.freshName("x") == "x_1")
    #expect(builder.model.freshName("act") == "act_1")
    #expect(builder.model.freshName("kept") == "kept_1")
    builder.node("Relu", ["y"], ["z"], name: "free_2")
    #expect(builder.model.freshName("free") == "free_3")
  }

  @Test func `a hundred thousand names with one base take no quadratic time`() {
    var builder = IRBuilder()
    var last = ""
    for _ in 0..<100_000 { last = builder.model.freshName("node") }
    #expect(last == "node_99999")
  }

  @Test func `nodes inserted at one place a thousand times stay in order`() {
    var builder = IRBuilder()
    builder.input("x")
    let end = builder.node("Relu", ["x"], ["y"])
    var inserted: [Node.ID] = []
    for index in 0..<1000 {
      let output = builder.model.addValue(named: "v\(index)", in: builder.graph)
      inserted.append(
        builder.model.addNode(
          "Neg", inputs: [builder.value("x")], outputs: [output], in: builder.graph,
          before: inserted.last ?? end))
    }
    builder.model.checkInvariants()
    #expect(Array(builder.model.nodes(of: builder.graph)) == inserted.reversed() + [end])
  }

  @Test func `a moved node stands before its successor`() {
    var builder = IRBuilder()
    builder.input("x")
    let a = builder.node("Relu", ["x"], ["a"])
    let b = builder.node("Neg", ["x"], ["b"])
    let c = builder.node("Abs", ["x"], ["c"])
    builder.model.moveNode(c, before: a)
    builder.model.moveNode(a, before: nil)
    builder.model.checkInvariants()
    #expect(Array(builder.model.nodes(of: builder.graph)) == [c, b, a])
    #expect(builder.model.isBefore(c, a))
  }

  @Test func `removing a node with bodies removes everything in them`() {
    var builder = IRBuilder()
    builder.input("x")
    builder.input("condition")
    let branch = builder.branch(reading: "x", output: "y")
    #expect(builder.model.graphs.count == 3)
    builder.model.removeNode(branch)
    builder.model.checkInvariants()
    #expect(builder.model.graphs.count == 1)
    #expect(builder.model[builder.value("x")].uses.isEmpty)
    #expect(builder.model.allNodes.isEmpty)
  }

  @Test func `values that came into use again are not removed`() {
    var builder = IRBuilder()
    builder.constant("c", [1])
    builder.constant("d", [1])
    let (c, d) = (builder.value("c"), builder.value("d"))
    builder.node("Relu", ["c"], ["y"])
    builder.model.removeValues([c, d, d])
    builder.model.checkInvariants()
    #expect(builder.model.isAlive(c))
    #expect(!builder.model.isAlive(d))
    #expect(builder.model[builder.graph].initializers == [c])
  }

  @Test func `renaming a value keeps its uses and frees the old name`() {
    var builder = IRBuilder()
    builder.input("x")
    builder.node("Relu", ["x"], ["y"])
    builder.output("y")
    builder.model.rename(builder.value("y"), to: "z")
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Relu -> z"])
    #expect(builder.model.value(named: "y", in: builder.graph) == nil)
  }

  @Test func `replacing the input list drops the old uses`() {
    var builder = IRBuilder()
    builder.input("x")
    builder.input("z")
    let node = builder.node("Sum", ["x", "x", "z"], ["y"])
    builder.model.setInputs(of: node, to: [builder.value("z"), nil])
    builder.model.checkInvariants()
    #expect(builder.model[builder.value("x")].uses.isEmpty)
    #expect(builder.text == ["z,  -> Sum -> y"])
  }
}
