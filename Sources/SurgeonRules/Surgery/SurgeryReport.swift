public import SurgeonIR
public import SurgeonRewrite

/// What a normalisation surgery did: one row for each BatchNormalization of the model.
public struct SurgeryReport: Sendable {
  public enum Outcome: Sendable, Hashable {
    /// The rules that were applied to the node, in order.
    case rewritten([String])
    /// Every reason why no rule of its target was.
    case declined([Reason])
    /// The plan leaves the node as it is.
    case kept
  }

  /// Why a rule did not apply, and what the user can do about it.
  public struct Reason: Sendable, Hashable {
    public var text: String
    public var remedy: String?

    public init(_ text: String, remedy: String? = nil) {
      self.text = text
      self.remedy = remedy
    }
  }

  public struct Row: Sendable {
    /// The node's name, or that of its first output.
    public var name: String
    public var node: Node.ID
    public var channels: Int?
    /// The rank of X.
    public var rank: Int?
    /// What in the node says that it is in training mode; nil for inference mode.
    public var trainingEvidence: String?
    public var options: NormalizationOptions
    public var outcome: Outcome
    /// What else is to be said: that the function changes, why not into a neighbour.
    public var notes: [String] = []
    /// About how many samples statistics that keep running remember; nil for others, and where
    /// elements are counted.
    public var memory: Double?
    /// Whether the node was spelled in elementwise operators before.
    public var isRecomposed = false
    /// Of a node that became a group normalisation.
    public var group: Group?

    public var isRewritten: Bool { if case .rewritten = outcome { true } else { false } }
  }

  /// The groups of a group normalisation, and what they cost: relative RMS differences.
  public struct Group: Sendable, Hashable {
    public var count: Int
    /// Why this many.
    public var reason: String
    /// Of the node's output on its original input, from the running statistics alone: for comparing
    /// numbers of groups, and no prediction of what data will show.
    public var expectedDamage: Double
    /// The same from the moments of sample data, where there were any: exact.
    public var ownDamage: Double?
    /// Of the node's output in the network as it will be: its own and what comes from normalisations
    /// before it. Known before the rewritten network has run; nil where there were no samples.
    public var predictedDamage: Double?
    /// The same as it is, on the same data.
    public var measuredDamage: Double?
  }

  /// Relative RMS difference of an output of the model.
  public struct Damage: Sendable, Hashable {
    public var output: String
    public var predicted: Double
    public var measured: Double
    /// The Softmax or Sigmoid, say, whose decisions the output is: the prediction is then the mean of
    /// what stays and what flips, and single decisions do the one or the other.
    public var decidingOperator: String?
  }

  public internal(set) var rows: [Row] = []
  /// Names of the Dropout nodes that were in training mode and pass their input on now.
  public internal(set) var stoppedDropouts: [String] = []
  /// What group normalisations did to the outputs on sample data.
  public internal(set) var outputDamage: [Damage] = []
  /// How many state tensors the model has: inputs with a default, whose followers are outputs.
  public internal(set) var stateCount = 0
  /// States that were turned back and that the given final state does not have: their defaults
  /// inside the model counted.
  public internal(set) var defaultedStates: [String] = []
  /// How many samples the damage was predicted from, and measured on; nil where there were none.
  public internal(set) var damageSamples: Int?
  /// What was decided, node by node: performed again, it gives the same result.
  public internal(set) var plan = NormalizationPlan([])
  public internal(set) var applications: [RewriteReport.Application] = []
  public internal(set) var failures: [RewriteReport.Failure] = []
  /// Applications that a certificate confirmed, and those that could not be checked.
  public internal(set) var certified = 0
  public internal(set) var uncertified: [RewriteReport.Failure] = []

  /// What is left of the budget for certificates; nil before the first run of rules.
  var certificateBudget: CertificateBudget?

  public init() {}

  /// Adds what a run of other rules did before the surgery.
  public mutating func add(_ run: RewriteReport) {
    applications = run.applications + applications
    failures = run.failures + failures
    certified += run.certified
    uncertified = run.uncertified + uncertified
  }

  /// What all applied rules together promise: the weakest promise among them.
  public var fidelity: Fidelity {
    let order: [Fidelity] = [.exact, .rounding, .stateful, .approximate]
    let used = Set(applications.map(\.fidelity))
    return order.last { used.contains($0) } ?? .exact
  }

  /// How many nodes each rule ended with, in the order of first use.
  public var counts: [(rule: String, count: Int)] {
    var result: [(rule: String, count: Int)] = []
    for row in rows {
      guard case .rewritten(let rules) = row.outcome, let last = rules.last else { continue }
      if let index = result.firstIndex(where: { $0.rule == last }) {
        result[index].count += 1
      } else {
        result.append((last, 1))
      }
    }
    return result
  }

  public var rewrittenCount: Int {
    rows.count(where: \.isRewritten)
  }

  /// Whether a node was frozen for the rule of its target, which then declined it.
  func isStranded(_ row: Row) -> Bool {
    guard case .declined = row.outcome else { return false }
    return applications.contains {
      $0.subject == row.node && $0.rule == "freeze-training-mode"
    }
  }
}
