public import SurgeonIR

/// The earliest value at which two models part, and the way there.
public struct Divergence: Sendable {
  public struct Step: Sendable {
    public var name: String
    public var opType: String
  }

  public var value: LockStep.ValueDrift
  /// The nodes of the second model between values that still agree and the one that does not, in
  /// order of execution.
  public var path: [Step]
  /// The agreeing values that the path starts from, by their names in the second model.
  public var agreeing: [String]

  /// nil where no value is further apart than rounding explains.
  ///
  /// - Parameters:
  ///   - drifts: what `LockStep.run` gave.
  ///   - after: the second model.
  public init?(_ drifts: [LockStep.ValueDrift], in after: Model) {
    let parted = drifts.filter(\.isDivergence)
    // A later sample may widen the scale of a value that parted in an earlier one.
    guard
      let first = parted.min(by: {
        ($0.parting?.order ?? .max, $0.position) < ($1.parting?.order ?? .max, $1.position)
      })
    else { return nil }
    value = first
    let agreed = Set(drifts.filter { !$0.isDivergence }.map(\.after))
    var nodes: Set<Node.ID> = []
    var starts: Set<Value.ID> = []
    var pending = [first.after]
    while let value = pending.popLast() {
      if agreed.contains(value) {
        starts.insert(value)
        continue
      }
      guard let node = after[value].producer?.node else {
        if after[value].isGraphInput { starts.insert(value) }
        continue
      }
      if nodes.insert(node).inserted { pending += after[node].inputs.compactMap { $0 } }
    }
    path = nodes.sorted { after.isBefore($0, $1) }.map { node in
      Step(name: after.name(of: node) ?? "", opType: after[node].opType)
    }
    agreeing = starts.sorted().map { after[$0].name }
  }
}
