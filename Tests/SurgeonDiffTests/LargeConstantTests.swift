internal import SurgeonDiff
internal import SurgeonIR
internal import Testing

/// Constants that are compared in pieces.
struct LargeConstantTests {
  private static let count = 3 << 20 + 5

  private func ones(except changes: [Int: Float] = [:]) -> Tensor {
    var numbers = [Float](repeating: 1, count: Self.count)
    for (index, number) in changes { numbers[index] = number }
    return Tensor(numbers)
  }

  private func model(_ tensor: Tensor) -> Model {
    var model = Model(header: .init(irVersion: 8, opsetImports: [.init(domain: "", version: 17)]))
    let graph = model.mainGraph
    let weight = model.addValue(named: "w", in: graph)
    model.setInitializer(tensor, of: weight)
    let y = model.addValue(named: "y", in: graph)
    model.addNode("Exp", inputs: [weight], outputs: [y], in: graph)
    model.addOutput(y, to: graph)
    return model
  }

  @Test(arguments: [0, 1 << 18, 3 << 20 + 4])
  func `one number that differs is found wherever it is`(_ index: Int) throws {
    let (before, after) = (model(ones()), model(ones(except: [index: 2])))
    let (changed, same) = (
      try StructuralDiff(before, after), try StructuralDiff(before, model(ones()))
    )
    #expect(changed.constantsChanged.count == 1)
    #expect(same.isIdentical)
  }

  @Test func `the change is that of all pieces together`() throws {
    let after = ones(except: [0: 3, Self.count - 1: -1])
    let measured = try ConstantDelta(ones(), after)
    let delta = try #require(measured)
    #expect(delta.count == Self.count)
    #expect(delta.changedCount == 2)
    #expect(delta.maxAbsolute == 2)
    #expect(delta.norm == 8.0.squareRoot())
    #expect(delta.normBefore == Double(Self.count).squareRoot())
  }

  @Test func `a number that became none is an infinite change`() throws {
    let measured = try ConstantDelta(Tensor([1, 2] as [Float]), Tensor([1, .nan] as [Float]))
    let delta = try #require(measured)
    #expect(delta.maxAbsolute == .infinity)
    #expect(delta.changedCount == 1 && delta.cosine == nil)
  }
}
