internal import SurgeonIR
internal import SurgeonRewrite

extension Model {
  /// Puts every Dropout that is in training mode into inference mode, where it passes its input on.
  ///
  /// Statistics that are measured behind one that drops are those of another network (Li et al.,
  /// Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift, 2019).
  ///
  /// - Returns: the labels of the nodes that were changed. One whose mode a caller or another node
  ///   decides is left to them.
  mutating func stopDropout() throws(SurgeonError) -> [String] {
    var stopped: [String] = []
    for node in allNodes where try isTrainingDropout(node) {
      stopped.append(label(of: node))
      var patch = Patch(to: self, in: self[node].graph, before: node, namePrefix: label(of: node))
      if opset(in: self[node].graph) ?? 1 < 7 {
        patch.setAttribute(.int("is_test", 1), of: node)
      } else {
        patch.setInput(2, of: node, to: nil)
      }
      let effect = try apply(patch)
      removeValues(effect.orphanedValues)
    }
    return stopped
  }

  /// Opset 12 asks the input training_mode; 7 and 10 know inference only; 1 and 6 the attribute
  /// is_test, whose default is training.
  private func isTrainingDropout(_ node: Node.ID) throws(SurgeonError) -> Bool {
    guard self[node].opType == "Dropout", Self.canonical(self[node].domain).isEmpty else {
      return false
    }
    let opset = opset(in: self[node].graph) ?? 1
    if opset < 7 { return self[node].int("is_test") ?? 0 == 0 }
    guard opset >= 12, let mode = self[node].input(2),
      let flags = try constant(mode)?.intElements()
    else { return false }
    return flags.contains { $0 != 0 }
  }
}
