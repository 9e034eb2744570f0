public import SurgeonIR

/// The part of a model that one application of a rule replaced, and what stands there now: two
/// small models with the same inputs and outputs.
public struct CertificatePiece: Sendable {
  public let rule: String
  public let fidelity: Fidelity
  public let before: Model
  public let after: Model
}

/// Checks single applications of rules. The engine knows no kernels; whoever wants certificates
/// hands it somebody who does.
public protocol Certifier: Sendable {
  /// Runs both pieces on the same random inputs in Float64.
  func certify(_ piece: CertificatePiece) throws(SurgeonError) -> CertificateVerdict
}

/// What a certifier found.
public enum CertificateVerdict: Sendable {
  case holds
  /// The rule's promise is broken; the sentence says by how much.
  case broken(String)
  /// The pieces cannot be run, and why.
  case unchecked(String)
}
