public import SurgeonIR

/// Which nodes draw random numbers, as far as a model tells without running.
extension Model {
  /// The operators of the standard that draw random numbers, a Dropout in training mode alone.
  public static let randomOperators: Set<String> = [
    "Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike",
  ]

  /// True where a node itself, not a body or function of it, draws random numbers; also for a Dropout
  /// that is not certainly in inference mode.
  ///
  /// - Throws: what reading a constant throws.
  public func drawsAtRandom(_ node: Node.ID) throws(SurgeonError) -> Bool {
    guard Self.randomOperators.contains(self[node].opType),
      Self.canonical(self[node].domain).isEmpty, function(calledBy: node) == nil
    else { return false }
    return try isDropping(node) != false
  }

  /// The Dropout nodes that drop at random, in bodies and functions too.
  ///
  /// - Throws: what reading a constant throws.
  public func trainingDropouts() throws(SurgeonError) -> [Node.ID] {
    var found: [Node.ID] = []
    for node in allNodes where try isTrainingDropout(node) { found.append(node) }
    return found
  }

  /// True for a Dropout that drops at random.
  ///
  /// - Throws: what reading a constant throws.
  public func isTrainingDropout(_ node: Node.ID) throws(SurgeonError) -> Bool {
    try isDropping(node) == true
  }

  /// Whether a Dropout is in training mode; nil where a caller or another node decides, and for other
  /// operators.
  ///
  /// Opset 12 asks the input training_mode; 7 and 10 know inference only; 1 and 6 the attribute
  /// is_test, whose default is training.
  ///
  /// - Throws: what reading a constant throws.
  public func isDropping(_ node: Node.ID) throws(SurgeonError) -> Bool? {
    guard self[node].opType == "Dropout", Self.canonical(self[node].domain).isEmpty else {
      return nil
    }
    let opset = opset(in: self[node].graph) ?? 1
    if opset < 7 { return self[node].int("is_test") ?? 0 == 0 }
    guard opset >= 12, let mode = self[node].input(2) else { return false }
    return try constant(mode)?.intElements()?.contains { $0 != 0 }
  }
}
