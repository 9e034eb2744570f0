/// How much may be spent on certificates, in scalar operations. Operations and not time, so that the
/// same model gets the same certificates on every machine.
public struct CertificateBudget: Sendable {
  /// The most that one application may take.
  public var perApplication: Int
  /// The most that all applications of a run may take together.
  public var total: Int
  /// What an application takes besides running: cutting, compiling, drawing inputs.
  static let overhead = 1 << 16

  public init(perApplication: Int, total: Int) {
    self.perApplication = perApplication
    self.total = total
  }

  /// Every application, whatever it takes.
  public static var unlimited: CertificateBudget {
    CertificateBudget(perApplication: .max, total: .max)
  }

  /// A few milliseconds in all: what nobody notices who has not asked for certificates.
  public static var unnoticed: CertificateBudget {
    CertificateBudget(perApplication: 1 << 21, total: 1 << 22)
  }

  /// Takes the cost of an application off the rest.
  ///
  /// - Returns: why the application is not to be checked; nil where it is.
  mutating func spend(_ operations: Int) -> String? {
    if perApplication == .max { return nil }
    guard operations <= perApplication else {
      return operations == .max
        ? "it runs a body or a function" : "it is too large to be checked unasked"
    }
    guard operations + Self.overhead <= total else {
      return "enough others were checked before"
    }
    total -= operations + Self.overhead
    return nil
  }
}
