internal import SurgeonData
internal import SurgeonIR
internal import Testing

struct RandomInputsTests {
  @Test func `the same seed gives the same numbers, here and elsewhere`() throws {
    let source = try RandomInputs(inputs: [input("x", [.known(3)])], samples: 2, seed: 7)
    let numbers = try #require(try source.sample(0)["x"]?.tensor?.elements(as: Float.self))
    #expect(numbers == [-0.7988141, -0.9035016, 0.18664174])
    #expect(try source.sample(1)["x"]?.tensor?.elements(as: Float.self) != numbers)
  }

  @Test func `floats have mean 0 and variance 1`() throws {
    let source = try RandomInputs(inputs: [input("x", [.known(100_000)])], seed: 1)
    let numbers = try #require(try source.sample(0)["x"]?.tensor?.elements(as: Float.self))
      .map(Double.init)
    let mean = numbers.reduce(0, +) / 1e5
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    #expect(abs(mean) < 0.01)
    #expect(abs(variance - 1) < 0.02)
  }

  @Test func `free dimensions take 1 in front, 64 behind, and what --dim says`() throws {
    let inputs = [input("x", [.symbolic("N"), .known(3), .symbolic("H"), .unknown, .known(-1)])]
    let source = try RandomInputs(inputs: inputs, options: DataOptions(dimensions: ["H": 5]))
    #expect(try source.sample(0)["x"]?.tensor?.shape == [1, 3, 5, 64, 64])
  }

  @Test func `wide integers do as indices`() throws {
    let source = try RandomInputs(inputs: [input("x", .int64, [.known(1000)])])
    let numbers = try #require(try source.sample(0)["x"]?.tensor?.intElements())
    #expect(Set(numbers) == [0, 1, 2, 3])
  }

  @Test(arguments: ElementType.allCases.filter { $0 != .undefined })
  func `every element type can be drawn`(type: ElementType) throws {
    let source = try RandomInputs(inputs: [input("x", type, [.known(5)])])
    let tensor = try #require(try source.sample(0)["x"]?.tensor)
    #expect(tensor.elementType == type)
    #expect(tensor.shape == [5])
  }

  @Test func `sequences and optionals hold drawn tensors`() throws {
    let element = ValueType.tensor(.float32, Shape([2]))
    let inputs = [
      ModelInput(name: "s", type: ValueType(.sequence(element))),
      ModelInput(name: "o", type: ValueType(.optional(element))),
    ]
    let sample = try RandomInputs(inputs: inputs).sample(0)
    guard case .sequence(let elements, _) = sample["s"], case .optional(let some?, _) = sample["o"]
    else {
      Issue.record("not what was asked for")
      return
    }
    #expect(elements.count == 2)
    #expect(some.tensor?.shape == [2])
  }

  @Test func `an unknown rank is told`() {
    let text = message { _ = try RandomInputs(inputs: [input("x", nil)]) }
    #expect(
      text == """
        error: no random data can be made for input 'x'
          its rank is not recorded
        hint: give data with --inputs
        """)
  }
}
