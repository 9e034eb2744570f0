import Foundation
import SurgeonIR
import SurgeonRuntime
import Testing

/// The reference engine writes elementwise results over inputs that nobody else has or reads again.
@Suite struct InPlaceTests {
  /// Nodes of one output each, written "output = Operator(inputs)".
  private func model(_ nodes: [String], outputs: [String], constants: [String: Tensor] = [:])
    -> Model
  {
    var model = Model(
      header: .init(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 17)]))
    let graph = model.mainGraph
    var values: [String: Value.ID] = [:]
    let type = ValueType.tensor(.float64, Shape([.symbolic("N")]))
    values["x"] = model.addValue(named: "x", type: type, in: graph)
    model.addInput(values["x"]!)
    for (name, tensor) in constants {
      values[name] = model.addValue(named: name, in: graph)
      model.setInitializer(tensor, of: values[name]!)
    }
    for node in nodes {
      let words = node.split { " =(),".contains($0) }.map(String.init)
      values[words[0]] = model.addValue(named: words[0], in: graph)
      model.addNode(
        words[1], name: words[0], inputs: words[2...].map { values[$0]! },
        outputs: [values[words[0]]!], in: graph)
    }
    for output in outputs { model.addOutput(values[output]!, to: graph) }
    return model
  }

  private func session(_ model: Model) throws -> Session {
    var options = SessionOptions()
    options.engine = .reference
    return try Session(model, options: options)
  }

  private func run(
    _ model: Model, _ x: [Double] = [-2, 3, -5]
  ) throws -> [String: [Double]] {
    let session = try session(model)
    let input = Tensor(x)
    var found: [String: [Double]] = [:]
    // Twice: what a run writes into constants would be in the next one.
    for _ in 0..<2 {
      for (name, value) in try session.run(["x": .tensor(input)]) {
        found[name] = try #require(value.tensor?.doubles)
      }
    }
    #expect(input.doubles == x)
    return found
  }

  @Test(arguments: ["Relu", "Abs", "Clip", "Sigmoid", "BatchNormalization"])
  func `a result has the memory of an input that nobody reads again`(opType: String) throws {
    let arguments = opType == "BatchNormalization" ? "a, one, zero, zero, one" : "a"
    let model = model(
      ["a = Neg(x)", "y = \(opType)(\(arguments))", "w = Abs(x)"], outputs: ["y", "w"],
      constants: ["one": Tensor([1.0]), "zero": Tensor([0.0])])
    let x = (0..<20_000).map { Double($0) - 10_000 }
    let outputs = try session(model).run(["x": .tensor(Tensor(x))])
    // Were y beside a, then w would be in the place of a, which is the smallest gap.
    let bases = try outputs.map { try #require($0.value.tensor).bytes().base }
    #expect(bases[1] - bases[0] == 160_000)
    let y = try #require(outputs[0].value.tensor?.doubles)
    for (x, y) in zip(x, y) {
      switch opType {
      case "Relu": #expect(y == max(0, -x))
      case "Abs": #expect(y == abs(x))
      case "Sigmoid": #expect(abs(y - 1 / (1 + exp(x))) < 1e-15)
      case "Clip": #expect(y == -x)
      default: #expect(abs(y + x) <= 1e-5 * abs(x))
      }
    }
    #expect(outputs[1].value.tensor?.doubles == x.map { abs($0) })
  }

  @Test func `a batch normalisation and a limit take the place of what they read`() throws {
    let numbers = ["s": [2.0, 3], "b": [1.0, -1], "m": [0.5, 1], "v": [4.0, 1]]
    var constants = numbers.mapValues { Tensor($0) }
    constants["low"] = Tensor([0.0], shape: [])
    constants["shape"] = Tensor([Int64(1), 2, 2])
    let model = model(
      [
        "r = Reshape(x, shape)", "a = Neg(r)", "n = BatchNormalization(a, s, b, m, v)",
        "y = Clip(n, low)",
      ], outputs: ["y"], constants: constants)
    let y = try #require(try run(model, [1, -2, 3, -4])["y"])
    let expected = [-0.5, 2.5, 0, 8]
    for (found, wanted) in zip(y, expected) { #expect(abs(found - max(0, wanted)) < 1e-4) }
  }

  @Test func `inputs, constants and outputs keep their numbers`() throws {
    let constants = ["c": Tensor([1.0, -1, 2])]
    let found = try run(
      model(
        [
          "a = Identity(x)", "y = Neg(a)", "b = Identity(c)", "z = Neg(b)", "o = Abs(y)",
          "p = Neg(o)",
        ],
        outputs: ["y", "z", "o", "p"], constants: constants))
    #expect(found["y"] == [2, -3, 5])
    #expect(found["z"] == [-1, 1, -2])
    #expect(found["o"] == [2, 3, 5])
    #expect(found["p"] == [-2, -3, -5])
  }

  @Test func `a value that another node has handed on is not written over`() throws {
    let found = try run(
      model(
        ["a = Abs(x)", "i = Identity(a)", "y = Neg(a)", "z = Neg(i)"], outputs: ["y", "z"]))
    #expect(found == ["y": [-2, -3, -5], "z": [-2, -3, -5]])
    let twice = try run(
      model(["a = Abs(x)", "i = Identity(a)", "y = Neg(i)", "z = Add(a, y)"], outputs: ["z"]))
    #expect(twice == ["z": [0, 0, 0]])
  }

  @Test func `what is in a sequence is not written over`() throws {
    let found = try run(
      model(
        [
          "a = Abs(x)", "s = SequenceConstruct(a)", "e = SequenceAt(s, zero)", "y = Neg(e)",
          "f = SequenceAt(s, zero)", "z = Neg(f)",
        ], outputs: ["y", "z"], constants: ["zero": Tensor([Int64(0)], shape: [])]))
    #expect(found == ["y": [-2, -3, -5], "z": [-2, -3, -5]])
  }

  @Test func `what an observer keeps stays what it was`() throws {
    let model = model(["a = Abs(x)", "b = Neg(a)", "c = Exp(b)", "y = Neg(c)"], outputs: ["y"])
    let names = ["a", "b", "c", "y"]
    let wanted: [String: [Double]] = [
      "a": [0, 0, 1], "b": [0, 0, -1], "c": [1, 1, 0.36787944117144233],
      "y": [-1, -1, -0.36787944117144233],
    ]
    for count in 0...names.count {
      let observed = Set(names.suffix(count).map { model.value(named: $0, in: model.mainGraph)! })
      var kept: [Observation] = []
      let outputs = try session(model).run(
        ["x": .tensor(Tensor([0.0, 0, -1]))], observing: observed
      ) {
        kept.append($0)
      }
      #expect(kept.map(\.name) == names.suffix(count))
      for value in kept { #expect(value.datum.tensor?.doubles == wanted[value.name]) }
      #expect(outputs[0].value.tensor?.doubles == wanted["y"])
    }
  }
}
