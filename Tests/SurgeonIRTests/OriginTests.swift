internal import SurgeonIR
internal import Testing

/// A changed message, and every message around it, has lost its origin; all others keep theirs.
struct OriginTests {
  private let origin = Origin(source: 1, offset: 10, count: 20)

  /// x -> Relu -> a -> If(reads a in its bodies) -> y, every message with an origin.
  private func readModel() -> IRBuilder {
    var builder = IRBuilder()
    builder.input("x")
    builder.input("condition")
    builder.node("Relu", ["x"], ["a"])
    builder.branch(reading: "a", output: "y")
    builder.output("y")
    for graph in builder.model.graphs {
      for node in builder.model.nodes(of: graph) { builder.model.setOrigin(origin, of: node) }
      builder.model.setOrigin(origin, of: graph)
    }
    builder.model.checkInvariants()
    return builder
  }

  private func untouched(_ model: Model) -> [String] {
    model.allNodes.filter { model[$0].origin != nil }.map { model[$0].opType }
      + model.graphs.filter { model[$0].origin != nil }.map { "graph \($0.raw)" }
  }

  @Test func `an edit in a body reaches the nodes and graphs around it`() throws {
    var builder = readModel()
    let inner = try #require(
      builder.model.allNodes.first { builder.model[$0].graph == Graph.ID(raw: 1) })
    builder.model.setAttribute(.int("axis", 1), of: inner)
    builder.model.checkInvariants()
    #expect(untouched(builder.model) == ["Relu", "Relu", "graph 2"])
  }

  @Test func `a rename reaches producer and readers`() {
    var builder = readModel()
    builder.model.rename(builder.value("a"), to: "b")
    builder.model.checkInvariants()
    #expect(untouched(builder.model) == [])
  }

  @Test func `a new value type changes the graph and no node`() {
    var builder = readModel()
    builder.model.setType(.tensor(.float32, nil), of: builder.value("a"))
    builder.model.checkInvariants()
    #expect(
      untouched(builder.model) == ["Relu", "If", "Relu", "Relu", "graph 1", "graph 2"])
  }

  @Test func `a renamed initializer remembers the message that its name is changed in`() {
    var builder = IRBuilder()
    let tensor = Tensor(
      elementType: .float32, shape: [1], storage: .bytes(TensorBytes([0, 0, 0, 0])),
      origin: origin)
    builder.model.setInitializer(tensor, of: builder.value("w"))
    builder.model.rename(builder.value("w"), to: "v")
    #expect(builder.model[builder.value("v")].initializer?.origin == origin)
  }

  @Test func `a changed node in an unchanged graph is a broken invariant`() {
    var builder = readModel()
    builder.model.setOrigin(origin, of: builder.graph)
    builder.model.setOrigin(nil, of: Graph.ID(raw: 1))
    #expect(
      builder.model.brokenInvariants()
        == ["body 1 has changed inside a node that says it has not"])
  }
}
