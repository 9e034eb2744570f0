internal import SurgeonIR
internal import SurgeonRules

extension Model {
  /// The same model with every BatchNormalization of its main graph in training mode, or in
  /// inference mode. Only for running it: what the nodes compute besides Y, nobody reads.
  ///
  /// A node whose further outputs are read keeps its mode.
  func withNormalizations(inTraining isTraining: Bool) throws(SurgeonError) -> Model {
    var model = self
    for node in nodes(of: mainGraph) {
      guard let norm = try BatchNormalization(node, in: self), norm.isTraining != isTraining,
        let output = norm.output, norm.extraOutputs.allSatisfy({ self[$0].uses.isEmpty })
      else { continue }
      if norm.opset >= 14 {
        model.setAttribute(.int("training_mode", isTraining ? 1 : 0), of: node)
      } else if norm.opset < 7 {
        model.setAttribute(.int("is_test", isTraining ? 0 : 1), of: node)
      }
      guard norm.opset >= 7 else { continue }
      var outputs: [Value.ID?] = [output]
      if isTraining {
        // Before opset 14 the number of outputs decides; from there on training mode has three.
        for _ in 0..<(norm.opset >= 14 ? 2 : 4) {
          let name = model.freshName("\(self[output].name).statistic")
          outputs.append(model.addValue(named: name, in: mainGraph))
        }
      }
      model.setOutputs(of: node, to: [])
      model.setOutputs(of: node, to: outputs)
    }
    return model
  }
}
