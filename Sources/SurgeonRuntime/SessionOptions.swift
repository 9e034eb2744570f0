/// How a session computes.
public struct SessionOptions: Sendable {
  /// The element type in which the model's Float32 (and 16-bit) values are computed.
  public enum Precision: String, Sendable, CaseIterable {
    /// The types that the model declares.
    case single
    /// Every float16, bfloat16 and Float32 value is a Float64: inputs and constants are widened,
    /// and Cast to one of these types yields Float64. Implies the reference engine.
    case double
  }

  /// Who computes where there is a choice.
  public enum Engine: String, Sendable, CaseIterable {
    /// oneDNN and this package's vector kernels where they have the operator in Float32, the
    /// reference engine for the rest.
    case fast
    /// Kernels of this package, generic over the element type, for everything.
    case reference
  }

  public var precision = Precision.single
  public var engine = Engine.fast
  /// Threads to use; 0 means as many as the machine has cores. Results do not depend on it.
  public var threads = 0
  /// Where random operators (and Dropout in training mode) without a seed of their own start.
  public var seed: UInt64 = 0
  /// Sizes of dimension parameters, such as `["batch": 1]`; what the inputs say must agree.
  public var dimensions: [String: Int] = [:]
  /// Lets the fast engine fuse operators. Off where a rewrite is verified: a run that folds
  /// BatchNormalization by itself proves nothing about a rewrite that does.
  public var optimize = false
  /// Computes nodes of constants once, when the session is made.
  public var foldsConstants = true
  /// For a session that runs a single time: weights are brought into an engine's arrangement right
  /// before their node runs, in memory that values had before, and not kept. A second run computes
  /// the same and keeps them.
  public var runsOnce = false

  public init() {}
}
