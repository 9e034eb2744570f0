public import SurgeonIR

/// What a run of rules did.
public struct RewriteReport: Sendable {
  /// One application of a rule.
  public struct Application: Sendable {
    public let rule: String
    public let fidelity: Fidelity
    /// The node that the rule is about; it may be gone by now.
    public let subject: Node.ID
    /// The name by which the user knows it.
    public let subjectName: String
    /// The operators of the nodes that took part, the root first.
    public let matched: [String]
    /// The nodes that were added.
    public let added: [Node.ID]
  }

  /// A rule that broke its promise at one place; the application was undone.
  public struct Failure: Sendable {
    public let rule: String
    public let subjectName: String
    /// What was promised and what was found.
    public let detail: String
  }

  /// What one rule did.
  public struct Statistics: Sendable {
    public let rule: String
    /// Nodes at which its pattern was tried.
    public var tried = 0
    /// Matches of the whole pattern that a condition or the replacement declined.
    public var nearMisses = 0
    public var applied = 0
    /// Time spent at nodes whose operators fit the pattern.
    public var nanoseconds: Int64 = 0

    init(rule: String) { self.rule = rule }
  }

  public internal(set) var applications: [Application] = []
  public internal(set) var failures: [Failure] = []
  /// Applications that a certificate confirmed, and those that could not be checked with the reason.
  public internal(set) var certified = 0
  public internal(set) var uncertified: [Failure] = []
  /// What is left of the budget for certificates.
  public internal(set) var certificateBudget = CertificateBudget.unlimited
  /// In the order of the rules.
  public internal(set) var statistics: [Statistics]
  /// Sweeps over all nodes, the last of which changed nothing.
  public internal(set) var sweeps = 0
  /// Why types could not be inferred, if a rule asked for them.
  public internal(set) var typeFailure: SurgeonError?

  /// What all applied rules together promise: the weakest promise among them.
  public var fidelity: Fidelity {
    let order: [Fidelity] = [.exact, .rounding, .stateful, .approximate]
    let used = Set(applications.map(\.fidelity))
    return order.last { used.contains($0) } ?? .exact
  }
}
