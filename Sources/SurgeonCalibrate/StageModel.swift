internal import SurgeonIR
internal import SurgeonShapes

extension CalibrationStage {
  /// A model of this stage's nodes only, with its inputs and outputs for inputs and outputs.
  func model(of whole: Model, types: TypeTable) -> Model {
    var model = whole
    let graph = model.mainGraph
    model.setOutputs(of: graph, to: outputs)
    for node in Array(model.nodes(of: graph)).reversed() where !nodes.contains(node) {
      model.removeNode(node)
    }
    let wanted = Set(inputs)
    for input in model[graph].inputs where model.isFed(input) && !wanted.contains(input) {
      model.removeInput(input)
    }
    for input in inputs where !model[input].isGraphInput {
      model.addInput(input)
      if model[input].type == nil { model.setType(types[input], of: input) }
    }
    return model
  }
}
