import SurgeonIR
import SurgeonRuntime
import Testing

struct SessionTests {
  /// x -> opType -> y, in opset 17.
  private func model(_ opType: String, _ attributes: [Attribute] = []) -> Model {
    var model = Model(
      header: .init(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 17)]))
    let type = ValueType.tensor(.float32, Shape([.symbolic("N"), .known(2)]))
    let x = model.addValue(named: "x", type: type, in: model.mainGraph)
    model.addInput(x)
    let y = model.addValue(named: "y", in: model.mainGraph)
    model.addNode(
      opType, domain: "", name: "n", inputs: [x], outputs: [y], attributes: attributes,
      in: model.mainGraph)
    model.addOutput(y, to: model.mainGraph)
    return model
  }

  @Test func `a session returns the outputs in the model's order`() throws {
    let session = try Session(model("Identity"))
    let outputs = try session.run(["x": .tensor(Tensor([Float(1), 2], shape: [1, 2]))])
    #expect(outputs.map(\.name) == ["y"])
    #expect(try outputs[0].value.tensor?.elements(as: Float.self) == [1, 2])
  }

  @Test func `double precision widens the inputs`() throws {
    var options = SessionOptions()
    options.precision = .double
    let session = try Session(model("Identity"), options: options)
    let outputs = try session.run(["x": .tensor(Tensor([Float(1), 2], shape: [1, 2]))])
    #expect(try outputs[0].value.tensor?.elements(as: Double.self) == [1, 2])
  }

  @Test func `an operator without a kernel is named with its opset and node`() {
    let error = #expect(throws: SurgeonError.self) { try Session(model("Frobnicate")) }
    #expect(error?.code == .unsupportedOperator)
    #expect(
      error?.message == "the runtime has no kernel for operator Frobnicate of ai.onnx 17")
    #expect(error?.location == ["node 'n' (Frobnicate)"])
  }

  @Test func `an input of the wrong shape is refused before anything runs`() throws {
    let session = try Session(model("Identity"))
    let error = #expect(throws: SurgeonError.self) {
      try session.run(["x": .tensor(Tensor([Float(1), 2, 3], shape: [1, 3]))])
    }
    #expect(error?.message == "the model wants 2 in dimension 1, not 3")
  }
}
