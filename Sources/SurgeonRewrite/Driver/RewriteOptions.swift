public import SurgeonShapes

/// How a run of rules goes about.
public struct RewriteOptions: Sendable {
  public var policy: RewritePolicy
  /// The nodes that rules may be about.
  public var selection: NameSelection
  /// Types of the model at hand; inferred where nil, when a rule asks.
  public var types: TypeTable?
  /// Checks the arena around every patch, and the whole of it at the end. On in debug builds.
  public var checksInvariants: Bool
  /// How often one rule may apply before it counts as endless; by default a thousand times and four
  /// times for every node of the model.
  public var applicationCap: Int?
  /// Checks every application by itself; one that breaks its rule's promise is undone. nil: none is
  /// checked.
  public var certifier: (any Certifier)?
  /// How much may be spent on that.
  public var certificateBudget = CertificateBudget.unlimited

  public init(
    policy: RewritePolicy = RewritePolicy(), selection: NameSelection = .all,
    types: TypeTable? = nil, checksInvariants: Bool? = nil, applicationCap: Int? = nil,
    certifier: (any Certifier)? = nil, certificateBudget: CertificateBudget = .unlimited
  ) {
    self.policy = policy
    self.selection = selection
    self.types = types
    self.applicationCap = applicationCap
    self.certifier = certifier
    self.certificateBudget = certificateBudget
    #if DEBUG
      self.checksInvariants = checksInvariants ?? true
    #else
      self.checksInvariants = checksInvariants ?? false
    #endif
  }
}
