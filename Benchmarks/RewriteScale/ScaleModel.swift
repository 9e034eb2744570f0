internal import Surgeon

/// A chain of blocks of ten nodes each, in which two rules find something to do: a HardSwish in its
/// parts and two negations in a row. Benchmarks/rewrite_scale.py makes the same.
func scaleModel(blocks: Int) -> Model {
  var model = Model(
    header: .init(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 17)]))
  let graph = model.mainGraph
  var x = model.addValue(
    named: "in", type: .tensor(.float32, Shape([1, 8, 16, 16])), in: graph)
  model.addInput(x)
  func constant(_ name: String, _ number: Float) -> Value.ID {
    let value = model.addValue(named: name, in: graph)
    model.setInitializer(Tensor(scalar: number), of: value)
    return value
  }
  let (three, zero, six) = (constant("three", 3), constant("zero", 0), constant("six", 6))
  for block in 0..<blocks {
    func node(_ opType: String, _ inputs: [Value.ID], _ name: String) -> Value.ID {
      let output = model.addValue(named: "b\(block)_\(name)", in: graph)
      model.addNode(
        opType, name: "node_b\(block)_\(name)", inputs: inputs, outputs: [output], in: graph)
      return output
    }
    let clipped = node("Clip", [node("Add", [three, x], "add"), zero, six], "clip")
    let swish = node("Div", [node("Mul", [clipped, x], "mul"), six], "div")
    let gated = node("Mul", [node("Sigmoid", [swish], "sigmoid"), swish], "gate")
    let twice = node("Neg", [node("Neg", [gated], "neg")], "neg_neg")
    x = node("Add", [node("Relu", [twice], "relu"), twice], "out")
  }
  model.addOutput(x, to: graph)
  return model
}
