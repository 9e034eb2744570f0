internal import SurgeonIR
internal import Testing

/// What `Model.apply` does with the steps of a patch.
struct PatchTests {
  /// x -> Relu -> a -> Norm(scale) -> b -> Sigmoid -> y
  private func chain(irVersion: Int = 8) -> (IRBuilder, Node.ID) {
    var builder = IRBuilder(irVersion: irVersion)
    builder.input("x")
    builder.constant("scale", [1, 2])
    builder.node("Relu", ["x"], ["a"])
    let norm = builder.node("Norm", ["a", "scale"], ["b"], name: "norm")
    builder.node("Sigmoid", ["b"], ["y"])
    builder.output("y")
    return (builder, norm)
  }

  @Test func `a replaced value keeps name, type and readers where its node goes`() throws {
    var (builder, norm) = chain()
    let b = builder.value("b")
    builder.model.setType(.tensor(.float32, Shape([2])), of: b)
    var patch = builder.patch(before: norm, prefix: "norm")
    patch.replace(b, with: patch.op("Mul", [builder.value("a"), builder.value("scale")]))
    patch.remove(norm)
    let effect = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(
      builder.text == ["x -> Relu -> a", "a, scale -> Mul -> b", "b -> Sigmoid -> y"])
    #expect(builder.model[b].type == .tensor(.float32, Shape([2])))
    #expect(effect.addedNodes.count == 1)
    #expect(effect.removedNodes == [norm])
    #expect(effect.changedNodes.map { builder.model[$0].opType } == ["Mul", "Sigmoid"])
    #expect(effect.orphanedValues.map { builder.model[$0].name } == ["norm_mul"])
  }

  @Test func `what only the removed node read goes with it, level by level`() throws {
    var (builder, norm) = chain()
    builder.constant("raw", [3])
    let cast = builder.node("Cast", ["raw"], ["offset"])
    builder.model.moveNode(cast, before: norm)
    builder.model.setInput(2, of: norm, to: builder.value("offset"))
    var patch = builder.patch(before: norm)
    patch.replace(builder.value("b"), with: builder.value("a"))
    patch.remove(norm)
    let effect = try builder.model.apply(patch)
    #expect(builder.text == ["x -> Relu -> b", "b -> Sigmoid -> y"])
    #expect(effect.removedNodes == [norm, cast])
    builder.model.removeValues(effect.orphanedValues)
    builder.model.checkInvariants()
    #expect(builder.model[builder.graph].initializers.isEmpty)
    #expect(builder.model.value(named: "raw", in: builder.graph) == nil)
  }

  @Test func `a constant with another reader stays`() throws {
    var (builder, norm) = chain()
    builder.node("Mul", ["x", "scale"], ["z"])
    builder.output("z")
    var patch = builder.patch(before: norm)
    patch.replace(builder.value("b"), with: builder.value("a"))
    patch.remove(norm)
    let effect = try builder.model.apply(patch)
    #expect(effect.orphanedValues.map { builder.model[$0].name } == ["a"])
  }

  @Test func `a public name stays when the node behind it goes`() throws {
    var builder = IRBuilder()
    builder.input("x")
    builder.node("Relu", ["x"], ["a"])
    let last = builder.node("Norm", ["a"], ["y"])
    builder.output("y")
    var patch = builder.patch(before: last)
    patch.replace(builder.value("y"), with: patch.op("Neg", [builder.value("a")]))
    patch.remove(last)
    _ = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Relu -> a", "a -> Neg -> y"])
    #expect(builder.outputNames == ["y"])
  }

  @Test func `an input that becomes an output gets the name by an Identity`() throws {
    var builder = IRBuilder()
    builder.input("x")
    let only = builder.node("Norm", ["x"], ["y"])
    builder.output("y")
    var patch = builder.patch(before: only)
    patch.replace(builder.value("y"), with: builder.value("x"))
    patch.remove(only)
    let effect = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Identity -> y"])
    #expect(effect.addedNodes.count == 1)
    #expect(builder.outputNames == ["y"])
  }

  @Test func `two public values that become one keep both names`() throws {
    var builder = IRBuilder()
    builder.input("x")
    let first = builder.node("Norm", ["x"], ["y"])
    let second = builder.node("Norm", ["x"], ["z"])
    builder.node("Relu", ["z"], ["w"])
    for name in ["y", "z", "w"] { builder.output(name) }
    var patch = builder.patch(before: first)
    let shared = patch.op("Neg", [builder.value("x")])
    patch.replace(builder.value("y"), with: shared)
    patch.replace(builder.value("z"), with: shared)
    patch.remove(first)
    patch.remove(second)
    _ = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Neg -> y", "y -> Relu -> w", "y -> Identity -> z"])
    #expect(builder.outputNames == ["y", "z", "w"])
  }

  @Test func `a node that stays gives its public name to the replacement`() throws {
    var builder = IRBuilder()
    builder.input("x")
    builder.node("Norm", ["x"], ["y"])
    builder.output("y")
    var patch = builder.patch(before: nil)
    let y = builder.value("y")
    patch.replace(y, with: patch.op("Neg", [y]))
    _ = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Norm -> y_inner", "y_inner -> Neg -> y"])
    #expect(builder.outputNames == ["y"])
  }

  @Test func `a pinned name stays with what it stood for`() throws {
    var (builder, norm) = chain()
    builder.model.pinnedNames = ["a"]
    var patch = builder.patch(before: norm)
    patch.replace(builder.value("b"), with: builder.value("a"))
    patch.remove(norm)
    _ = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Relu -> a", "a -> Sigmoid -> y"])
  }

  @Test func `removing a node that is still read is refused and changes nothing`() throws {
    var (builder, norm) = chain()
    let before = builder.text
    var patch = builder.patch(before: norm)
    patch.remove(norm)
    #expect(throws: SurgeonError.self) { try builder.model.apply(patch) }
    #expect(builder.text == before)
    builder.model.checkInvariants()
  }

  @Test func `values that only the bodies of a removed node read are released`() throws {
    var builder = IRBuilder()
    builder.input("x")
    builder.input("condition")
    builder.node("Relu", ["x"], ["a"])
    let branch = builder.branch(reading: "a", output: "b")
    builder.node("Sigmoid", ["b"], ["y"])
    builder.output("y")
    var patch = builder.patch(before: branch)
    patch.replace(builder.value("b"), with: builder.value("x"))
    patch.remove(branch)
    let effect = try builder.model.apply(patch)
    builder.model.removeValues(effect.orphanedValues)
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Sigmoid -> y"])
    #expect(builder.model.graphs == [builder.graph])
    #expect(effect.removedNodes.count == 2)
  }

  @Test func `a value read in a body is replaced there too`() throws {
    var builder = IRBuilder()
    builder.input("x")
    builder.input("condition")
    let norm = builder.node("Norm", ["x"], ["a"])
    builder.branch(reading: "a", output: "y")
    builder.output("y")
    var patch = builder.patch(before: norm)
    patch.replace(builder.value("a"), with: patch.op("Neg", [builder.value("x")]))
    patch.remove(norm)
    let effect = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(builder.model[builder.value("a")].uses.count == 2)
    #expect(
      effect.changedNodes.map { builder.model[$0].opType }.sorted() == ["Neg", "Relu", "Relu"])
  }

  @Test func `constants in a function's body are nodes`() throws {
    var builder = IRBuilder()
    let body = builder.model.addGraph(owner: .function(0))
    builder.model.addFunction(
      Function(
        name: "F", domain: "local", body: body,
        opsetImports: [OpsetImport(domain: "", version: 17)]))
    builder.graph = body
    builder.input("x")
    let norm = builder.node("Norm", ["x"], ["y"])
    builder.output("y")
    var patch = builder.patch(before: norm)
    let two = patch.constant(Tensor([Float(2)]), name: "two")
    patch.replace(builder.value("y"), with: patch.op("Mul", [builder.value("x"), two]))
    patch.remove(norm)
    _ = try builder.model.apply(patch)
    builder.model.checkInvariants()
    #expect(builder.text == [" -> Constant -> new_two", "x, new_two -> Mul -> y"])
    #expect(builder.model[body].initializers.isEmpty)
  }

  @Test func `in IR version 3 an unused constant leaves the inputs as well`() throws {
    var (builder, norm) = chain(irVersion: 3)
    builder.input("scale")
    var patch = builder.patch(before: norm)
    patch.replace(builder.value("b"), with: builder.value("a"))
    patch.remove(norm)
    let effect = try builder.model.apply(patch)
    builder.model.removeValues(effect.orphanedValues)
    builder.model.checkInvariants()
    #expect(builder.model[builder.graph].inputs.map { builder.model[$0].name } == ["x"])
  }

  @Test func `from IR version 4 on a default that nobody reads stays an input`() throws {
    var (builder, norm) = chain(irVersion: 4)
    builder.input("scale")
    var patch = builder.patch(before: norm)
    patch.replace(builder.value("b"), with: builder.value("a"))
    patch.remove(norm)
    let effect = try builder.model.apply(patch)
    builder.model.removeValues(effect.orphanedValues)
    #expect(builder.model[builder.graph].inputs.map { builder.model[$0].name } == ["x", "scale"])
  }

  @Test func `dropping outputs of a node leaves the first one in place`() throws {
    var builder = IRBuilder()
    builder.input("x")
    let norm = builder.node("Norm", ["x"], ["y", "mean", "deviation"])
    builder.output("y")
    var patch = builder.patch(before: norm)
    patch.setOutputs(of: norm, to: [builder.value("y")])
    let effect = try builder.model.apply(patch)
    builder.model.removeValues(effect.orphanedValues)
    builder.model.checkInvariants()
    #expect(builder.text == ["x -> Norm -> y"])
    #expect(builder.model.value(named: "mean", in: builder.graph) == nil)
  }

  @Test func `metadata of new nodes are written only where the IR version has them`() throws {
    for (irVersion, count) in [(9, 0), (10, 1)] {
      var (builder, norm) = chain(irVersion: irVersion)
      var patch = builder.patch(before: norm)
      patch.provenance = [StringPair("rule", "test")]
      patch.setInput(0, of: norm, to: patch.op("Neg", [builder.value("a")]))
      let effect = try builder.model.apply(patch)
      let node = try #require(effect.addedNodes.first)
      #expect(builder.model[node].metadata.count == count)
    }
  }
}
