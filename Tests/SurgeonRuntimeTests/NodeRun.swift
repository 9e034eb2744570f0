import SurgeonIR
import SurgeonRuntime

/// Runs a model of one node. A nil input is left out.
func run(
  _ opType: String, _ inputs: [Tensor?], _ attributes: [Attribute] = [], opset: Int = 21,
  outputs: Int = 1, options: SessionOptions = .init()
) throws -> [Tensor] {
  var model = Model(
    header: .init(irVersion: 10, opsetImports: [OpsetImport(domain: "", version: opset)]))
  let graph = model.mainGraph
  var slots: [Value.ID?] = []
  var given: [String: Datum] = [:]
  for (index, tensor) in inputs.enumerated() {
    guard let tensor else {
      slots.append(nil)
      continue
    }
    let value = model.addValue(named: "x\(index)", in: graph)
    model.addInput(value)
    slots.append(value)
    given["x\(index)"] = .tensor(tensor)
  }
  let results = (0..<outputs).map { model.addValue(named: "y\($0)", in: graph) }
  model.addNode(
    opType, name: "node", inputs: slots, outputs: results, attributes: attributes, in: graph)
  for result in results { model.addOutput(result, to: graph) }
  return try Session(model, options: options).run(given).compactMap(\.value.tensor)
}

func floats(_ numbers: [Float], _ shape: [Int]) -> Tensor { Tensor(numbers, shape: shape) }

extension Tensor {
  var floats: [Float]? { try? elements(as: Float.self) }
  var doubles: [Double]? { try? elements(as: Double.self) }
  var integers: [Int64]? { try? elements(as: Int64.self) }
}
