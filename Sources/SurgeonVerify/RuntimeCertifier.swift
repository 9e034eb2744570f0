internal import SurgeonData
public import SurgeonIR
public import SurgeonRewrite
internal import SurgeonRuntime
internal import SurgeonShapes

/// Runs the two pieces of a certificate in Float64 on random inputs.
public struct RuntimeCertifier: Certifier {
  /// Where the random inputs start.
  public var seed: UInt64

  public init(seed: UInt64 = 0) { self.seed = seed }

  public func certify(_ piece: CertificatePiece) throws(SurgeonError) -> CertificateVerdict {
    var options = Verifier.Options()
    options.precision = .double
    options.engine = .reference
    options.threads = 1
    options.absoluteTolerance = Tolerance.float32Constants.absolute
    options.relativeTolerance = Tolerance.float32Constants.relative
    if let change = Self.typeChange(piece) { return .broken(change) }
    let report: VerificationReport
    do {
      report = try Verifier(options: options).verify(
        piece.before, piece.after,
        samples: try RandomInputs(for: piece.before, samples: 1, seed: seed))
    } catch {
      return .unchecked(error.detail.map { "\(error.message): \($0)" } ?? error.message)
    }
    switch report.verdict {
    case .identical, .equal, .equalUpToRounding: return .holds
    case .inconclusive: return .unchecked("the piece computes constants")
    case .different:
      guard let worst = report.worst else { return .broken("the outputs differ") }
      return .broken(
        worst.mismatch.map { "the results differ: \($0)" }
          ?? "it promises \(piece.fidelity.rawValue), and in Float64 on random inputs the results "
          + "differ by \(worst.drift.maxAbsolute) (relative \(worst.drift.relative))")
    }
  }

  /// A result of another element type, which Float64 hides.
  private static func typeChange(_ piece: CertificatePiece) -> String? {
    let (before, after) = (elementTypes(of: piece.before), elementTypes(of: piece.after))
    for (old, new) in zip(before, after) {
      if let old, let new, old != new {
        return "it changes the type of its result from \(old.name) to \(new.name)"
      }
    }
    return nil
  }

  private static func elementTypes(of model: Model) -> [ElementType?] {
    guard let types = try? ShapeInference.infer(model) else { return [] }
    return model[model.mainGraph].outputs.map { output in
      types[output]?.elementType.flatMap { $0 == .undefined ? nil : $0 }
    }
  }
}
