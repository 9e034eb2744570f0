import SurgeonDiff
import SurgeonIR
import Testing

@Suite struct StructuralDiffTests {
  let original = Network(blocks: 6)

  @Test func `a model is identical to itself`() throws {
    #expect(try StructuralDiff(original.model, original.model).isIdentical)
  }

  @Test func `renaming every node and value leaves the structure the same`() throws {
    let renamed = Network(blocks: 6) { "other_\($0.count)_\($0.hashValue)" }
    let diff = try StructuralDiff(original.model, renamed.model)
    #expect(diff.isSameStructure)
    #expect(diff.renamed.count == 18)
    #expect(!diff.isIdentical)
  }

  @Test func `names that were permuted among the blocks do not mislead`() throws {
    let permuted = Network(blocks: 6) { name in
      guard let digit = name.last?.wholeNumberValue else { return name }
      return name.dropLast() + "\((digit + 1) % 6)"
    }
    #expect(try StructuralDiff(original.model, permuted.model).isSameStructure)
  }

  @Test func `a changed attribute is found and nothing else`() throws {
    var edited = original
    edited.model.setAttribute(.ints("kernel_shape", [3, 3]), of: try original.node("c3"))
    let diff = try StructuralDiff(original.model, edited.model)
    #expect(diff.changed.map { original.model[$0.before].name } == ["c3_node"])
    #expect(diff.changed.first?.attributes.map(\.name) == ["kernel_shape"])
    #expect(diff.changed.first?.inputs == [])
    #expect(onlyChanged(diff))
  }

  @Test(arguments: [false, true])
  func `an inserted node is found and nothing else`(isRenamed: Bool) throws {
    var edited = isRenamed ? Network(blocks: 6) { "q\($0)" } : original
    let relu = try edited.value(isRenamed ? "qr2" : "r2")
    let next = try edited.node(isRenamed ? "qc3" : "c3")
    let inserted = edited.model.addValue(named: "inserted", in: edited.model.mainGraph)
    edited.model.addNode(
      "Relu", name: "new", inputs: [relu], outputs: [inserted], in: edited.model.mainGraph,
      before: next)
    edited.model.setInput(0, of: next, to: inserted)
    let diff = try StructuralDiff(original.model, edited.model)
    #expect(diff.added.count == 1)
    #expect(diff.added.first.map { edited.model[$0].opType } == "Relu")
    #expect(diff.removed == [] && diff.changed.isEmpty && diff.replaced.isEmpty)
    #expect(diff.constantsChanged == [])
  }

  @Test(arguments: [false, true])
  func `one perturbed weight is found and nothing else`(isRenamed: Bool) throws {
    var edited = isRenamed ? Network(blocks: 6) { "q\($0)" } : original
    let weight = try edited.value(isRenamed ? "qw4" : "w4")
    let tensor = try #require(edited.model[weight].initializer)
    var numbers = try #require(try tensor.elements(as: Float.self))
    numbers[7] += 0.001
    edited.model.setInitializer(Tensor(numbers, shape: tensor.shape), of: weight)
    let diff = try StructuralDiff(original.model, edited.model)
    let pair = try #require(diff.constantsChanged.first)
    #expect(diff.constantsChanged.count == 1)
    #expect(original.model[pair.before].name == "w4")
    #expect(pair.after == weight)
    #expect(diff.changed.isEmpty && diff.added == [] && diff.removed == [] && diff.replaced.isEmpty)
    let now = try #require(edited.model[pair.after].initializer)
    let delta = try #require(try ConstantDelta(tensor, now))
    #expect(delta.changedCount == 1 && delta.count == 16)
    #expect(abs(delta.maxAbsolute - 0.001) < 1e-6)
  }

  @Test func `two swapped inputs are found and nothing else`() throws {
    var edited = original
    let add = try edited.node("y")
    let inputs = edited.model[add].inputs
    edited.model.setInputs(of: add, to: inputs.reversed())
    let diff = try StructuralDiff(original.model, edited.model)
    #expect(diff.changed.map { original.model[$0.before].name } == ["y_node"])
    #expect(diff.changed.first?.inputs == [0, 1])
    #expect(onlyChanged(diff))
  }

  @Test func `swapped parameters of one node are found and nothing else`() throws {
    var edited = original
    let node = try edited.node("b2")
    var inputs = edited.model[node].inputs
    inputs.swapAt(1, 2)
    edited.model.setInputs(of: node, to: inputs)
    let diff = try StructuralDiff(original.model, edited.model)
    #expect(diff.changed.map { original.model[$0.before].name } == ["b2_node"])
    #expect(diff.changed.first?.inputs == [1, 2])
    #expect(onlyChanged(diff))
  }

  @Test(arguments: [false, true])
  func `every replaced BatchNormalization is a replacement of its own`(isRenamed: Bool) throws {
    var edited = isRenamed ? Network(blocks: 6) { "q\($0)" } : original
    let replaced = try edited.freeze()
    let diff = try StructuralDiff(original.model, edited.model)
    #expect(diff.replaced.count == replaced.count)
    for group in diff.replaced {
      #expect(group.removed.map { original.model[$0].opType } == ["BatchNormalization"])
      #expect(group.added.map { edited.model[$0].opType } == ["Mul", "Add"])
    }
    #expect(diff.added == [] && diff.removed == [] && diff.changed.isEmpty)
    #expect(diff.constantsAdded == [] && diff.constantsRemoved == [])
    #expect(diff.constantsChanged == [])
  }

  @Test func `adjacent normalisations are told apart by the value between them`() throws {
    var chain = Network(blocks: 1)
    let gamma = try chain.value("gamma0")
    let first = try chain.node("b0")
    let second = chain.model.addValue(named: "b0b", in: chain.model.mainGraph)
    let relu = try chain.node("r0")
    chain.model.addNode(
      "BatchNormalization", name: "again",
      inputs: [chain.model[first].outputs[0], gamma, gamma, gamma, gamma], outputs: [second],
      in: chain.model.mainGraph, before: relu)
    chain.model.setInput(0, of: relu, to: second)
    var edited = chain
    #expect(try edited.freeze().count == 2)
    #expect(try StructuralDiff(chain.model, edited.model).replaced.count == 2)
  }

  @Test func `a normalisation folded into its convolution is one replacement`() throws {
    var edited = original
    let (conv, norm) = (try original.node("c1"), try original.node("b1"))
    var patch = Patch(
      to: edited.model, in: edited.model.mainGraph, before: norm, namePrefix: "folded")
    let weights = patch.constant(
      Tensor([Float](repeating: 1, count: 16), shape: [4, 4, 1, 1]), name: "w")
    let bias = patch.constant(Tensor([Float](repeating: 1, count: 4)), name: "bias")
    patch.setInput(1, of: conv, to: weights)
    patch.setInput(2, of: conv, to: bias)
    patch.remove(norm)
    patch.replace(try original.value("b1"), with: try original.value("c1"))
    let effect = try edited.model.apply(patch)
    edited.model.removeValues(effect.orphanedValues)
    let diff = try StructuralDiff(original.model, edited.model)
    #expect(diff.replaced.map(\.removed) == [[norm]])
    #expect(diff.replaced.first?.absorbing.map(\.after) == [conv])
    #expect(diff.changed.isEmpty && diff.added == [] && diff.removed == [])
    #expect(diff.constantsChanged == [] && diff.constantsAdded == [])
    #expect(diff.constantsRemoved == [])
  }

  @Test func `nodes in another order are counted as moved`() throws {
    var edited = original
    // y's producer cannot move; a constant-free branch can.
    let extra = edited.add("Neg", [try edited.value("r0")], "side")
    var before = edited
    before.model.addOutput(extra, to: before.model.mainGraph)
    var after = before
    after.model.moveNode(try after.node("side"), before: try after.node("c1"))
    let diff = try StructuralDiff(before.model, after.model)
    #expect(diff.movedCount == 1)
    #expect(diff.isSameStructure && !diff.isIdentical)
  }

  @Test func `another operator set is a difference of the header`() throws {
    var edited = original
    edited.model.header.opsetImports = [.init(domain: "", version: 18)]
    let diff = try StructuralDiff(original.model, edited.model)
    #expect(diff.header.map(\.kind) == [.opset])
    #expect(diff.header.first?.before == "17" && diff.header.first?.after == "18")
    #expect(!diff.isSameStructure)
  }

  @Test func `constants that are outputs are known by place, name and content`() throws {
    func given(_ constants: [(name: String, number: Float)]) -> Model {
      var model = original.model
      for (name, number) in constants {
        let value = model.addValue(named: name, in: model.mainGraph)
        model.setInitializer(Tensor([number]), of: value)
        model.addOutput(value, to: model.mainGraph)
      }
      return model
    }
    let before = given([("a", 1), ("b", 2)])
    #expect(try StructuralDiff(before, before).isIdentical)
    let renamed = try StructuralDiff(before, given([("p", 1), ("q", 2)]))
    let swapped = try StructuralDiff(before, given([("b", 2), ("a", 1)]))
    let edited = try StructuralDiff(before, given([("a", 1), ("q", 3)]))
    for diff in [renamed, swapped, edited] {
      #expect(diff.constantsAdded == [] && diff.constantsRemoved == [])
    }
    #expect(renamed.constantsChanged == [] && swapped.constantsChanged == [])
    #expect(edited.constantsChanged.map { before[$0.before].name } == ["b"])
  }

  private func onlyChanged(_ diff: StructuralDiff) -> Bool {
    diff.added.isEmpty && diff.removed.isEmpty && diff.replaced.isEmpty
      && diff.constantsChanged.isEmpty && diff.constantsAdded.isEmpty
      && diff.constantsRemoved.isEmpty && diff.header.isEmpty && diff.changed.count == 1
  }
}
