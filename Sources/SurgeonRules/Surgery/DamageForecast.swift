internal import SurgeonIR

/// How far the values of a network will be off once some of its normalisations are others: what
/// each of them does by itself, carried along the graph.
///
/// Differences are relative: RMS of the difference over RMS of the value. Every operator hands on
/// the largest of its inputs; where values are summed or joined, differences add as if they knew
/// nothing of each other, each with the power of its value. At a replaced normalisation
///
///     d_out^2 = d_own^2 + 0.9 d_in^2
///
/// A normalisation takes out what in the incoming difference is a scale or a shift of a whole group.
/// That it leaves nine tenths was measured on two networks and holds on others (docs/numerics.md).
struct DamageForecast {
  /// The part of an incoming difference's power that a group normalisation lets through.
  static let passed = 0.9
  /// The difference of two unrelated signals of one power.
  static let unrelated = 2.0.squareRoot()

  /// Sum of squares and number of elements of a value over all samples.
  struct Energy {
    var total = 0.0
    var count = 0.0

    mutating func add(_ sample: Moments) {
      for (mean, m2) in zip(sample.mean, sample.m2) { total += m2 + sample.count * mean * mean }
      count += sample.count * Double(sample.mean.count)
    }
  }

  private static let sums: Set<String> = ["Add", "Sub", "Sum", "Mean"]

  /// The values whose energy a forecast needs: what is summed and joined.
  static func values(in model: Model) -> Set<Value.ID> {
    var result: Set<Value.ID> = []
    for node in model.nodes(of: model.mainGraph) {
      let record = model[node]
      guard sums.contains(record.opType) || record.opType == "Concat" else { continue }
      let inputs = record.inputs.compactMap { $0 }.filter { model[$0].initializer == nil }
      if inputs.count > 1 { result.formUnion(inputs + record.outputs.compactMap { $0 }) }
    }
    return result
  }

  private(set) var byNode: [Node.ID: Double] = [:]
  private(set) var byValue: [Value.ID: Double] = [:]

  /// - Parameters:
  ///   - own: what each replaced normalisation does on its original input.
  ///   - energies: those of `values(in:)`.
  init(own: [Node.ID: Double], energies: [Value.ID: Energy], in model: Model) {
    for node in model.nodes(of: model.mainGraph) {
      let record = model[node]
      var inputs = record.inputs.compactMap { $0 }
      for body in record.bodies { inputs += model.outerValues(readIn: body) }
      var difference = inputs.compactMap { byValue[$0] }.max() ?? 0
      if let own = own[node] {
        difference = (own * own + Self.passed * difference * difference).squareRoot()
      } else if difference > 0 {
        difference = merged(record, energies) ?? difference
      }
      guard difference > 0 else { continue }
      difference = min(difference, Self.unrelated)
      byNode[node] = difference
      for output in record.outputs.compactMap({ $0 }) { byValue[output] = difference }
    }
  }

  /// The difference of a sum or of a concatenation; nil for other operators.
  private func merged(_ node: Node, _ energies: [Value.ID: Energy]) -> Double? {
    let isSum = Self.sums.contains(node.opType)
    guard isSum || node.opType == "Concat", let output = node.output(0),
      let whole = energies[output], whole.total > 0
    else { return nil }
    var difference = 0.0
    for input in node.inputs.compactMap({ $0 }) {
      guard let part = byValue[input] else { continue }
      guard let energy = energies[input] else { return nil }
      // A summand that is spread over the others counts with its mean square.
      let share =
        isSum
        ? energy.total / energy.count / (whole.total / whole.count) : energy.total / whole.total
      difference += part * part * share
    }
    return difference.squareRoot()
  }
}
