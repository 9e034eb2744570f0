import SurgeonIR
import SurgeonShapes
import Testing

struct ShapeInferenceTests {
  @Test func `a named batch size goes through a convolutional network`() throws {
    var builder = ModelBuilder()
    builder.input("x", "float[N, 3, 224, 224]")
    builder.weight("w", [64, 3, 7, 7])
    builder.weight("s", [64])
    builder.node(
      "Conv", ["x", "w"], ["c"], [.ints("strides", [2, 2]), .ints("pads", [3, 3, 3, 3])])
    builder.node("BatchNormalization", ["c", "s", "s", "s", "s"], ["b"])
    builder.node("Relu", ["b"], ["r"])
    builder.node("GlobalAveragePool", ["r"], ["g"])
    builder.node("Flatten", ["g"], ["f"])
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("b", in: table) == "float[N, 64, 112, 112]")
    #expect(builder.inferred("f", in: table) == "float[N, 64]")
    #expect(table.nodeErrors.isEmpty)
  }

  @Test func `a shape that the model computes is followed`() throws {
    var builder = ModelBuilder()
    builder.input("x", "float[N, 16, 8, 8]")
    builder.constant("zero", Tensor([Int64(0)]))
    builder.constant("rest", Tensor([Int64(-1)]))
    builder.node("Shape", ["x"], ["shape"])
    builder.node("Gather", ["shape", "zero"], ["batch"])
    builder.node("Concat", ["batch", "rest"], ["target"], [.int("axis", 0)])
    builder.node("Reshape", ["x", "target"], ["y"])
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("y", in: table) == "float[N, 1024]")
  }

  /// PyTorch lists the last axis first, and before and after of an axis together.
  @Test func `the amounts of padding that an exporter turns round are followed`() throws {
    var builder = ModelBuilder()
    builder.input("x", "float[N, 3, 8, 8]")
    builder.constant("given", Tensor([Int64(1), 2, 3, 4]))
    builder.constant("zeros", Tensor([Int64(0), 0, 0, 0]))
    builder.constant("pairs", Tensor([Int64(-1), 2]))
    builder.constant("flat", Tensor([Int64(-1)]))
    builder.constant("last", Tensor([Int64(-1)]))
    builder.constant("first", Tensor([Int64.min]))
    builder.constant("axis", Tensor([Int64(0)]))
    builder.node("Concat", ["given", "zeros"], ["all"], [.int("axis", 0)])
    builder.node("Reshape", ["all", "pairs"], ["paired"])
    builder.node("Slice", ["paired", "last", "first", "axis", "last"], ["turned"])
    builder.node("Transpose", ["turned"], ["sides"], [.ints("perm", [1, 0])])
    builder.node("Reshape", ["sides", "flat"], ["pads"])
    builder.node("Pad", ["x", "pads"], ["y"])
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("y", in: table) == "float[N, 3, 15, 11]")
  }

  @Test func `of numbers in rows and columns a part is followed`() throws {
    var builder = ModelBuilder()
    builder.constant("grid", Tensor((0..<12).map { Int64($0) }, shape: [3, 4]))
    builder.constant("starts", Tensor([Int64(1), 3]))
    builder.constant("ends", Tensor([Int64(9), 0]))
    builder.constant("axes", Tensor([Int64(0), 1]))
    builder.constant("steps", Tensor([Int64(1), -2]))
    builder.node("Slice", ["grid", "starts", "ends", "axes", "steps"], ["part"])
    builder.node("Transpose", ["part"], ["columns"])
    let table = try ShapeInference.infer(builder.model)
    func numbers(_ name: String) -> [Int]? {
      builder.value(name).flatMap { table.contents(of: $0)?.integers }
    }
    #expect(numbers("part") == [7, 5, 11, 9])
    #expect(numbers("columns") == [7, 11, 5, 9])
  }

  /// A list of the indices of its second axis would take 16 GB.
  @Test func `of a tensor without elements an axis may be as long as it likes`() throws {
    var builder = ModelBuilder()
    builder.constant("none", Tensor([Int64](), shape: [0, 2_147_483_647]))
    builder.constant("zero", Tensor([Int64(0)]))
    builder.constant("one", Tensor([Int64(1)]))
    builder.node("Transpose", ["none"], ["turned"])
    builder.node("Slice", ["none", "zero", "one", "one"], ["part"])
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("turned", in: table) == "int64[2147483647, 0]")
    #expect(builder.inferred("part", in: table) == "int64[0, 1]")
  }

  @Test func `a size given for an input fixes its name everywhere`() throws {
    var builder = ModelBuilder()
    builder.input("x", "float[N, 4]")
    builder.node("Custom", ["x"], ["y"], domain: "com.example")
    builder.record("y", "float[N, 9]")
    let table = try ShapeInference.infer(
      builder.model, inputs: ["x": ModelBuilder.type("float[5, 4]")])
    #expect(builder.inferred("y", in: table) == "float[5, 9]")
  }

  @Test func `data of another shape than the input's are refused`() {
    var builder = ModelBuilder()
    builder.input("x", "float[N, 4]")
    #expect {
      try ShapeInference.infer(builder.model, inputs: ["x": ModelBuilder.type("float[5, 3]")])
    } throws: { error in
      (error as? SurgeonError)?.detail == "the model takes float[5, 4], the data are float[5, 3]"
    }
  }

  @Test func `a wrong recorded type is reported and overruled`() throws {
    var builder = ModelBuilder()
    builder.input("x", "float[2, 4]")
    builder.node("Relu", ["x"], ["y"], name: "act")
    builder.record("y", "float[2, 5]")
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("y", in: table) == "float[2, 4]")
    #expect(table.conflicts.map(\.message) == ["the recorded type of 'y' is wrong"])
    #expect(table.conflicts.map(\.location) == [["node 'act' (Relu-17)"]])
  }

  @Test func `a node that does not fit its inputs is named with the shapes`() throws {
    var builder = ModelBuilder()
    builder.input("x", "float[1, 5, 8, 8]")
    builder.weight("w", [4, 3, 3, 3])
    builder.node("Conv", ["x", "w"], ["y"], name: "conv1")
    let table = try ShapeInference.infer(builder.model)
    #expect(
      table.nodeErrors.map(\.description) == [
        """
        error: Conv does not fit its inputs
          at node 'conv1' (Conv-17): input 1 'w' of shape [4, 3, 3, 3] wants 3 channels in each \
        of 1 groups; input 0 'x' of shape [1, 5, 8, 8] has 5
        """
      ])
  }

  @Test func `branches of If agree on what they have in common`() throws {
    var builder = ModelBuilder()
    builder.input("c", "bool[]")
    builder.input("x", "float[2, 4]")
    builder.input("z", "float[3, 4]")
    let yes = builder.body({ $0.node("Relu", ["x"], ["a"]) }, outputs: ["a"])
    let no = builder.body({ $0.node("Relu", ["z"], ["b"]) }, outputs: ["b"])
    builder.node(
      "If", ["c"], ["y"],
      [Attribute("then_branch", .graph(yes)), Attribute("else_branch", .graph(no))])
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("y", in: table) == "float[?, 4]")
  }

  @Test func `a Loop that grows its state does not promise the first size`() throws {
    var builder = ModelBuilder()
    builder.input("m", "int64[]")
    builder.input("s", "float[1, 4]")
    builder.input("x", "float[1, 4]")
    let body = builder.body(
      {
        $0.input("i", "int64[]")
        $0.input("k", "bool[]")
        $0.input("state", "float")
        $0.node("Concat", ["state", "x"], ["longer"], [.int("axis", 0)])
        $0.node("Identity", ["k"], ["k2"])
        $0.node("Relu", ["x"], ["step"])
      }, outputs: ["k2", "longer", "step"])
    builder.node("Loop", ["m", "", "s"], ["y", "all"], [Attribute("body", .graph(body))])
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("y", in: table) == "float[?, 4]")
    #expect(builder.inferred("all", in: table) == "float[?, 1, 4]")
  }

  @Test func `each call of a function has its own types and the body what they share`() throws {
    var builder = ModelBuilder()
    let body = builder.model.addGraph(owner: .function(0))
    let main = builder.graph
    builder.graph = body
    let inner = builder.model.addValue(named: "in", in: body)
    builder.model.addInput(inner)
    builder.node(
      "Flatten", ["in"], ["out"], [Attribute("axis", .reference(to: "cut", typeCode: 2))])
    builder.output("out")
    builder.graph = main
    builder.model.addFunction(
      Function(
        name: "F", domain: "local", body: body, attributeNames: ["cut"],
        opsetImports: [OpsetImport(domain: "", version: 17)]))
    builder.input("x", "float[2, 3, 4]")
    builder.input("z", "float[5, 6, 7]")
    builder.node("F", ["x"], ["a"], [.int("cut", 1)], domain: "local")
    builder.node("F", ["z"], ["b"], [.int("cut", 2)], domain: "local")
    let table = try ShapeInference.infer(builder.model)
    #expect(builder.inferred("a", in: table) == "float[2, 12]")
    #expect(builder.inferred("b", in: table) == "float[30, 7]")
    #expect(ModelBuilder.text(table[inner]) == "float[?, ?, ?]")
  }

  @Test func `a patch is followed by the nodes it changed and no others`() throws {
    var builder = ModelBuilder()
    builder.input("x", "float[N, 8]")
    builder.weight("v", [8])
    builder.node("Relu", ["x"], ["a"])
    let softmax = builder.node("Softmax", ["a"], ["b"])
    builder.node("Relu", ["b"], ["y"])
    builder.output("y")
    var table = try ShapeInference.infer(builder.model)
    var patch = Patch(
      to: builder.model, in: builder.graph, before: softmax, namePrefix: "new")
    let constant = patch.constant(Tensor([Float(1), 2], shape: [2, 1]), name: "k")
    guard let a = builder.value("a"), let b = builder.value("b") else { return }
    patch.replace(b, with: patch.op("Mul", [a, constant]))
    patch.remove(softmax)
    let effect = try builder.model.apply(patch)
    table.update(builder.model, after: effect)
    #expect(builder.inferred("b", in: table) == "float[2, 8]")
    #expect(builder.inferred("y", in: table) == "float[2, 8]")
  }
}
