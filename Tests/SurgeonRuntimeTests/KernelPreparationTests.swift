import SurgeonIR
import SurgeonRuntime
import Testing

/// Sessions on several threads prepare kernels ahead of the first run, from inferred shapes.
@Suite struct KernelPreparationTests {
  private static let size = 512

  /// x -> MatMul -> Relu -> Gemm -> y with constant factors of a megabyte each.
  private func model() -> Model {
    var model = Model(
      header: .init(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 17)]))
    let type = ValueType.tensor(.float32, Shape([.symbolic("N"), .known(Self.size)]))
    let x = model.addValue(named: "x", type: type, in: model.mainGraph)
    model.addInput(x)
    var last = x
    for (index, opType) in ["MatMul", "Relu", "Gemm"].enumerated() {
      var inputs: [Value.ID?] = [last]
      if opType != "Relu" {
        let weights = model.addValue(named: "w\(index)", in: model.mainGraph)
        let numbers = (0..<Self.size * Self.size).map { Float(($0 * 7919 + index) % 1013) / 1013 }
        model.setInitializer(Tensor(numbers, shape: [Self.size, Self.size]), of: weights)
        inputs.append(weights)
      }
      last = model.addValue(named: "v\(index)", in: model.mainGraph)
      model.addNode(
        opType, domain: "", name: "n\(index)", inputs: inputs, outputs: [last], attributes: [],
        in: model.mainGraph)
    }
    model.addOutput(last, to: model.mainGraph)
    return model
  }

  private func input(rows: Int, columns: Int = size) -> [String: Datum] {
    let numbers = (0..<rows * columns).map { Float($0 % 97) / 97 - 0.5 }
    return ["x": .tensor(Tensor(numbers, shape: [rows, columns]))]
  }

  private func session(threads: Int) throws -> Session {
    var options = SessionOptions()
    options.threads = threads
    return try Session(model(), options: options)
  }

  @Test func `prepared ahead or not, the bits are the same, for other shapes later on too`() throws
  {
    let one = try session(threads: 1)
    let three = try session(threads: 3)
    for rows in [4, 1, 33] {
      let expected = try one.run(input(rows: rows))[0].value.tensor?.elements(as: Float.self)
      let found = try three.run(input(rows: rows))[0].value.tensor?.elements(as: Float.self)
      #expect(found == expected)
      #expect(found?.count == rows * Self.size)
    }
  }

  @Test func `inputs that do not fit are the run's error, and the next run works`() throws {
    let session = try session(threads: 2)
    let error = #expect(throws: SurgeonError.self) {
      try session.run(input(rows: 2, columns: 3))
    }
    #expect(error?.message == "the model wants 512 in dimension 1, not 3")
    let before = PreparationTimes.ofProcess
    #expect(try session.run(input(rows: 2))[0].value.tensor?.shape == [2, Self.size])
    let after = PreparationTimes.ofProcess
    #expect(after.ahead > before.ahead)
    #expect(after.weightBytes - before.weightBytes >= 2 * 4 * Self.size * Self.size)
  }
}
