internal import SurgeonIR
internal import Testing

struct ReshapedConstantTests {
  private func shape(
    _ opType: String, _ numbers: [Int64], attribute: String? = nil
  ) throws -> [Int]? {
    var model = Model(
      header: .init(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 13)]))
    let graph = model.mainGraph
    let c = model.addValue(named: "c", in: graph)
    model.setInitializer(Tensor([Float(1), 2, 3, 4], shape: [2, 2]), of: c)
    let list = model.addValue(named: "list", in: graph)
    model.setInitializer(Tensor(numbers), of: list)
    let y = model.addValue(named: "y", in: graph)
    model.addNode(
      opType, inputs: attribute == nil ? [c, list] : [c], outputs: [y],
      attributes: attribute.map { [.ints($0, numbers.map(Int.init))] } ?? [], in: graph)
    return try model.constant(y)?.shape
  }

  @Test func `a constant behind Unsqueeze is one`() throws {
    #expect(try shape("Unsqueeze", [0, 3]) == [1, 2, 2, 1])
    #expect(try shape("Unsqueeze", [-1], attribute: "axes") == [2, 2, 1])
    #expect(try shape("Unsqueeze", [5]) == nil)
  }

  @Test func `a constant behind Reshape is one where the shape fits`() throws {
    #expect(try shape("Reshape", [4]) == [4])
    #expect(try shape("Reshape", [0, -1, 1]) == [2, 2, 1])
    #expect(try shape("Reshape", [1, 4], attribute: "shape") == [1, 4])
    #expect(try shape("Reshape", [3, -1]) == nil)
    #expect(try shape("Reshape", [3]) == nil)
  }
}
