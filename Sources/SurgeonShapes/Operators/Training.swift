internal import SurgeonIR

/// Losses, and the operators of ai.onnx.preview.training.
enum Training {
  /// NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss: scores [N, C, D1..Dk], labels [N, D1..Dk].
  static func loss(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(1, node.type(0))
    node.set(node.elementType(0), nil)
    try node.requireRank(0, 2...Int.max)
    if let scores = node.shape(0), let labels = node.shape(1) {
      let expected = [scores[0]] + scores.dimensions[2...]
      guard labels.rank == expected.count,
        zip(labels.dimensions, expected).allSatisfy({ Dimension.unified($0, $1) != nil })
      else { throw node.error("\(node.describe(1)) are no labels for \(node.describe(0))") }
    }
    if (node.string("reduction") ?? "mean") == "none" {
      let scores = node.shape(0).map { Shape([$0[0]] + $0.dimensions[2...]) }
      node.set(node.elementType(0), node.shape(1) ?? scores)
    } else {
      node.set(node.elementType(0), Shape([Int]()))
    }
  }

  /// Gradient: each output is of the type of the variable that stands in its place among the inputs.
  static func gradient(_ node: inout NodeInference) {
    for output in node.node.outputs.indices { node.set(output, node.type(output)) }
  }

  /// Adagrad, Adam, Momentum: R, T, then groups of tensors (values, gradients, states); the
  /// outputs are the new values and the new states.
  static func optimizer(_ node: inout NodeInference) {
    let states = node.node.opType == "Adam" ? 2 : 1
    let count = (node.inputCount - 2) / (2 + states)
    for output in node.node.outputs.indices where count > 0 {
      let (group, index) = output.quotientAndRemainder(dividingBy: count)
      node.set(output, node.type(2 + index + (group == 0 ? 0 : (group + 1) * count)))
    }
  }
}
