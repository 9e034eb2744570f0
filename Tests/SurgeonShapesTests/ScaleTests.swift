import SurgeonIR
import SurgeonShapes
import Testing

struct ScaleTests {
  @Test func `a hundred thousand nodes are inferred in one pass`() throws {
    var builder = ModelBuilder()
    builder.input("v0", "float[N, 8]")
    builder.weight("w", [8])
    for index in 0..<50_000 {
      builder.node("Mul", ["v\(index)", "w"], ["m\(index)"])
      builder.node("Relu", ["m\(index)"], ["v\(index + 1)"])
    }
    let start = ContinuousClock.now
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("v50000", in: table) == "float[N, 8]")
    // Generous: the machine may be busy, the build may be a debug one.
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func `loops in loops do not double the work with every level`() throws {
    var builder = ModelBuilder()
    builder.input("m", "int64[]")
    builder.input("x", "float[1, 4]")
    func nest(_ level: Int, _ builder: inout ModelBuilder) {
      let body = builder.body(
        { inner in
          inner.input("i\(level)", "int64[]")
          inner.input("k\(level)", "bool[]")
          inner.input("s\(level)", "float")
          if level > 0 { nest(level - 1, &inner) }
          inner.node("Identity", ["k\(level)"], ["q\(level)"])
          inner.node("Relu", [level > 0 ? "y\(level - 1)" : "s0"], ["r\(level)"])
        }, outputs: ["q\(level)", "r\(level)"])
      let state = builder.graph == builder.model.mainGraph ? "x" : "s\(level + 1)"
      builder.node("Loop", ["m", "", state], ["y\(level)"], [Attribute("body", .graph(body))])
    }
    nest(30, &builder)
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("y30", in: table) == "float")
  }

  @Test func `functions that call each other twice end with an error, not after hours`() throws {
    var builder = ModelBuilder()
    let main = builder.graph
    for level in 0..<40 {
      let body = builder.model.addGraph(owner: .function(level))
      builder.graph = body
      builder.input("x", "float")
      if level == 0 {
        builder.node("Relu", ["x"], ["y"])
      } else {
        builder.node("F\(level - 1)", ["x"], ["a"], domain: "local")
        builder.node("F\(level - 1)", ["a"], ["y"], domain: "local")
      }
      builder.output("y")
      builder.model.addFunction(
        Function(
          name: "F\(level)", domain: "local", body: body,
          opsetImports: [
            OpsetImport(domain: "", version: 17), OpsetImport(domain: "local", version: 1),
          ]))
    }
    builder.graph = main
    builder.input("v", "float[3]")
    builder.node("F10", ["v"], ["short"], domain: "local")
    builder.node("F39", ["v"], ["long"], domain: "local")
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("short", in: table) == "float[3]")
    #expect(!table.nodeErrors.isEmpty)
  }
}
