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
    let nodes = try trainingDropouts()
    let names = nodes.map { label(of: $0) }
    for node in nodes {
      var patch = Patch(to: self, in: self[node].graph, before: node, namePrefix: label(of: node))
      if opset(in: self[node].graph) ?? 1 < 7 {
        patch.setAttribute(.int("is_test", 1), of: node)
      } else {
        patch.setInput(2, of: node, to: nil)
      }
      let effect = try apply(patch)
      removeValues(effect.orphanedValues)
    }
    return names
  }
}
