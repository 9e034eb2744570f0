public import SurgeonIR

/// A BatchNormalization node, read as its operator-set version means it.
///
///     Y = gamma * (X - mean) / sqrt(var + epsilon) + beta        per channel (axis 1)
///
/// What changed between the versions (1, 6, 7, 9, 14, 15) is told apart here and nowhere else.
public struct BatchNormalization: Sendable {
  /// Which statistics a run normalises with.
  public enum Mode: Hashable, Sendable {
    /// The running statistics, which are inputs of the node.
    case inference
    /// The statistics of the batch; `evidence` is what in the node says so.
    case training(evidence: String)
  }

  public let node: Node.ID
  /// The version of the operator set that the node's graph imports.
  public let opset: Int
  public let input: Value.ID
  public let gamma: Value.ID
  public let beta: Value.ID
  public let mean: Value.ID
  public let variance: Value.ID
  /// Y; nil where the node leaves it out.
  public let output: Value.ID?
  /// The outputs after Y that the node has.
  public let extraOutputs: [Value.ID]
  /// Float32 in the file, used as the Float64 it is.
  public let epsilon: Double
  /// The weight of the old running value: new = old * momentum + batch * (1 - momentum).
  public let momentum: Double
  public let mode: Mode
  /// False for `spatial = 0` (opsets 1 to 8), where every position has parameters of its own.
  public let isPerChannel: Bool

  /// The node, if it is a BatchNormalization of the standard.
  ///
  /// - Throws: `invalidNode` where an input is missing, and `impossible` where an attribute is
  ///   given by the caller of the function that the node stands in.
  public init?(_ node: Node.ID, in model: borrowing Model) throws(SurgeonError) {
    let record = model[node]
    guard record.opType == "BatchNormalization", Model.canonical(record.domain).isEmpty else {
      return nil
    }
    let place = "node '\(model.label(of: node))'"
    guard let input = record.input(0), let gamma = record.input(1), let beta = record.input(2),
      let mean = record.input(3), let variance = record.input(4)
    else {
      throw SurgeonError(
        .invalidNode, "a BatchNormalization reads X, scale, B, mean and var", at: [place],
        detail: "an input is missing")
    }
    self.node = node
    guard let opset = model.opset(in: record.graph) else {
      throw SurgeonError(
        .invalidNode, "the model does not say which operator set it uses", at: [place],
        detail: "what the node computes depends on it")
    }
    self.opset = opset
    (self.input, self.gamma, self.beta) = (input, gamma, beta)
    (self.mean, self.variance) = (mean, variance)
    output = record.output(0)
    extraOutputs = record.outputs.dropFirst().compactMap { $0 }
    for attribute in record.attributes {
      guard case .reference(let name, _) = attribute.payload else { continue }
      throw SurgeonError(
        .impossible, "the caller of the function decides '\(attribute.name)'", at: [place],
        detail: "the attribute refers to '\(name)' of the calling node")
    }
    epsilon = Double(record.float("epsilon") ?? 1e-5)
    momentum = Double(record.float("momentum") ?? 0.9)
    isPerChannel = opset >= 9 || record.int("spatial") ?? 1 != 0
    mode = Self.mode(of: record, opset: opset)
  }

  private static func mode(of node: Node, opset: Int) -> Mode {
    if opset >= 14 {
      return node.int("training_mode") ?? 0 == 0
        ? .inference : .training(evidence: "training_mode = 1")
    }
    if opset >= 7 {
      let count = node.outputs.compactMap { $0 }.count
      return count <= 1
        ? .inference
        : .training(evidence: "it has \(count) outputs, which before opset 14 means training")
    }
    return node.int("is_test") ?? 0 != 0
      ? .inference
      : .training(
        evidence: node.attribute("is_test") == nil
          ? "it has no is_test, which before opset 7 means training" : "is_test = 0")
  }

  public var isTraining: Bool { mode != .inference }
}
