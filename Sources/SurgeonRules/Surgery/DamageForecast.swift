internal import SurgeonIR

/// How far the values of a network will be off once some of its normalisations are others: what
/// each of them does by itself, carried along the graph.
///
/// Differences are relative: mean square of the difference over that of the value. Every operator
/// hands on the largest of its inputs; where values are summed or joined, differences add as if they
/// knew nothing of each other, each with the power of its value.
///
/// Two signals of one power whose correlation is r differ by d^2 = 2 (1 - r). A replaced normalisation
/// keeps the power and loses correlation, and losses that know nothing of each other multiply:
///
///     1 - d_out^2 / 2  =  (1 - d_own^2 / 2) (1 - d_in^2 / 2)
///
/// so that no difference exceeds that of unrelated signals. What multiplies a whole sample by one
/// number is no part of d_in: convolutions and rectifiers hand such a factor on, and a group
/// normalisation takes it out.
struct DamageForecast {
  /// A relative difference, squared: the part that multiplies each sample by one number, and the rest.
  struct Difference {
    var scale = 0.0
    var rest = 0.0

    var total: Double { scale + rest }

    /// What a normalisation that does `own` by itself gives where this comes in.
    func passed(through own: Difference) -> Difference {
      func correlation(_ difference: Double) -> Double { max(0, 1 - difference / 2) }
      let both = 2 * (1 - correlation(own.total) * correlation(rest))
      return Difference(scale: own.scale, rest: max(own.rest, both - own.scale))
    }
  }

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

  private var differences: [Value.ID: Difference] = [:]
  /// The relative RMS difference at the output of each replaced normalisation, and of what else
  /// differs.
  private(set) var byNode: [Node.ID: Double] = [:]

  /// The relative RMS difference of a value; 0 where nothing replaced comes before it.
  func damage(of value: Value.ID) -> Double { differences[value]?.total.squareRoot() ?? 0 }

  /// - Parameters:
  ///   - own: what each replaced normalisation does on its original input.
  ///   - energies: those of `values(in:)`.
  init(own: [Node.ID: Difference], energies: [Value.ID: Energy], in model: Model) {
    for node in model.nodes(of: model.mainGraph) {
      let record = model[node]
      var inputs = record.inputs.compactMap { $0 }
      for body in record.bodies { inputs += model.outerValues(readIn: body) }
      var difference =
        inputs.compactMap { differences[$0] }.max { $0.total < $1.total } ?? Difference()
      if let own = own[node] {
        difference = difference.passed(through: own)
      } else if difference.total > 0 {
        difference = merged(record, energies) ?? difference
      }
      guard difference.total > 0 else { continue }
      byNode[node] = difference.total.squareRoot()
      for output in record.outputs.compactMap({ $0 }) { differences[output] = difference }
    }
  }

  /// The difference of a sum or of a concatenation; nil for other operators.
  private func merged(_ node: Node, _ energies: [Value.ID: Energy]) -> Difference? {
    let isSum = Self.sums.contains(node.opType)
    guard isSum || node.opType == "Concat", let output = node.output(0),
      let whole = energies[output], whole.total > 0
    else { return nil }
    var difference = Difference()
    for input in node.inputs.compactMap({ $0 }) {
      guard let part = differences[input] else { continue }
      guard let energy = energies[input] else { return nil }
      // A summand that is spread over the others counts with its mean square.
      let share =
        isSum
        ? energy.total / energy.count / (whole.total / whole.count) : energy.total / whole.total
      difference.scale += part.scale * share
      difference.rest += part.rest * share
    }
    return difference
  }
}
