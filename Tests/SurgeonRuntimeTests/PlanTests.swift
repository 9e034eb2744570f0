import SurgeonIR
import SurgeonRuntime
import Testing

struct PlanTests {
  /// y = Relu(x) + c, where c = -(1) is computed from a constant.
  private func model() -> Model {
    var model = Model(
      header: .init(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 17)]))
    let graph = model.mainGraph
    let type = ValueType.tensor(.float32, Shape([.symbolic("N")]))
    let x = model.addValue(named: "x", type: type, in: graph)
    model.addInput(x)
    let one = model.addValue(named: "one", in: graph)
    model.setInitializer(Tensor([Float(1)]), of: one)
    let names = ["relu", "c", "y"]
    let values = names.map { model.addValue(named: $0, in: graph) }
    model.addNode("Relu", name: "relu", inputs: [x], outputs: [values[0]], in: graph)
    model.addNode("Neg", name: "neg", inputs: [one], outputs: [values[1]], in: graph)
    model.addNode(
      "Add", name: "add", inputs: [values[0], values[1]], outputs: [values[2]], in: graph)
    model.addOutput(values[2], to: graph)
    return model
  }

  private let input: [String: Datum] = ["x": .tensor(floats([-2, 3], [2]))]

  @Test func `a node of constants is computed once, when the session is made`() throws {
    var ran: [String] = []
    let outputs = try Session(model()).run(input, timing: { ran.append($0.name) })
    #expect(ran == ["relu", "add"])
    #expect(outputs[0].value.tensor?.floats == [-1, 2])
  }

  @Test func `an observer sees inputs, constants and every result in order`() throws {
    var seen: [String] = []
    _ = try Session(model()).run(input) { (value: Observation) in seen.append(value.name) }
    #expect(seen.suffix(2) == ["relu", "y"])
    #expect(Set(seen) == ["x", "c", "relu", "y"])
  }

  @Test func `an observer may ask for some values only`() throws {
    let model = model()
    let relu = try #require(model.value(named: "relu", in: model.mainGraph))
    var seen: [[Float]?] = []
    _ = try Session(model).run(input, observing: [relu]) { seen.append($0.datum.tensor?.floats) }
    #expect(seen == [[0, 3]])
  }

  @Test func `a dimension that was promised must be kept`() throws {
    var options = SessionOptions()
    options.dimensions = ["N": 3]
    let error = #expect(throws: SurgeonError.self) {
      try Session(model(), options: options).run(input)
    }
    #expect(error?.message == "dimension 0 is 'N', which is 3, not 2")
  }

  @Test func `a missing and an unknown input are named`() throws {
    let session = try Session(model())
    let missing = #expect(throws: SurgeonError.self) { try session.run([:]) }
    #expect(missing?.message == "input 'x' is missing")
    let unknown = #expect(throws: SurgeonError.self) {
      try session.run(["z": .tensor(floats([1], [1]))])
    }
    #expect(unknown?.message == "the model has no input 'z'")
  }
}
