import SurgeonFormat
import SurgeonIR
import SurgeonRuntime
import SurgeonTestSupport
import Testing

/// A small network that mixes arrangements of values, with the inputs that it takes.
struct EngineNetwork: Sendable, CustomTestStringConvertible {
  let name: String
  let inputs: [(name: String, shape: [Int])]
  let text: String
  var testDescription: String { name }

  static let all = convolutions + gates + normalizations + elementwise + movement + products

  /// The model, with every input but the first a constant where `isConstant` is set. (Up to IR
  /// version 3 an initializer that is also an input is a constant.)
  func model(constants isConstant: Bool) throws -> Model {
    var model = try OnnxText.parse(text)
    guard isConstant else { return model }
    for (index, input) in inputs.enumerated().dropFirst() {
      let value = try #require(
        model[model.mainGraph].inputs.first { model[$0].name == input.name })
      model.setInitializer(tensor(for: index), of: value)
    }
    return model
  }

  /// What is given for an input, the same every time.
  func tensor(for index: Int) -> Tensor {
    var noise = Noise(seed: (index + 1) &* 2_654_435_761)
    let shape = inputs[index].shape
    let numbers = (0..<shape.reduce(1, *)).map { _ in
      Float(noise.nextBits() % 2000 - 1000) / 700
    }
    return Tensor(numbers, shape: shape)
  }

  /// The numbers of all outputs.
  func outputs(
    constants: Bool, _ change: (inout SessionOptions) -> Void
  ) throws -> [Float] {
    var options = SessionOptions()
    change(&options)
    let session = try Session(try model(constants: constants), options: options)
    var given: [String: Datum] = [:]
    for (index, input) in inputs.enumerated() where !constants || index == 0 {
      given[input.name] = .tensor(tensor(for: index))
    }
    // Twice, because the second run takes what the first has cached.
    _ = try session.run(given)
    var numbers: [Float] = []
    for output in try session.run(given) {
      numbers += try #require(try output.value.tensor?.elements(as: Float.self))
    }
    return numbers
  }

  /// The operators that run, in order, with the engine of each.
  func steps(_ change: (inout SessionOptions) -> Void) throws -> [String] {
    var options = SessionOptions()
    change(&options)
    let session = try Session(try model(constants: true), options: options)
    var steps: [String] = []
    _ = try session.run([inputs[0].name: .tensor(tensor(for: 0))]) {
      steps.append("\($0.opType) \($0.engine)")
    }
    return steps
  }
}
