internal import SurgeonIR

/// An operator that the reference engine computes: its name and what makes a kernel for a node.
public struct Operator: Sendable {
  public let domain: String
  public let opType: String
  /// The versions of the operator set that define or change the operator and are implemented.
  public let versions: [Int]
  /// The version from which on the operator is gone; nil for one that still exists.
  public let removedIn: Int?
  /// True where a node draws random numbers, so that it is never computed in advance. (A Dropout does
  /// in training mode alone.)
  public let isRandom: Bool
  let make: @Sendable (NodeDescription) throws(SurgeonError) -> any Kernel

  /// - Parameter run: the computation: plain values in, plain values out.
  init(
    _ opType: String, domain: String = "", since versions: [Int], removedIn: Int? = nil,
    isRandom: Bool = false, _ run: @escaping ReferenceKernel.Body
  ) {
    self.opType = opType
    self.domain = domain
    self.versions = versions
    self.removedIn = removedIn
    self.isRandom = isRandom
    make = { _ in ReferenceKernel(body: run) }
  }

  /// - Parameter kernel: makes the kernel of an operator that needs more than plain values: bodies.
  init(
    _ opType: String, domain: String = "", since versions: [Int],
    kernel: @escaping @Sendable (NodeDescription) throws(SurgeonError) -> any Kernel
  ) {
    self.opType = opType
    self.domain = domain
    self.versions = versions
    removedIn = nil
    isRandom = false
    make = kernel
  }

  /// The version that defines the operator for a graph that imports version `opset` of its domain.
  public func version(for opset: Int) -> Int? {
    if let removedIn, opset >= removedIn { return nil }
    return versions.last { $0 <= opset }
  }
}

/// A kernel of the reference engine: a function over plain values.
struct ReferenceKernel: Kernel {
  typealias Body = @Sendable (KernelCall) throws(SurgeonError) -> [Datum?]

  let body: Body
  var engineName: String { "reference" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    try body(call).map { $0.map { .datum($0) } }
  }
}

/// Every operator of the reference engine, and the way from a node to its kernel.
public struct KernelRegistry: Sendable {
  /// The operators by domain and name.
  private let operators: [String: [String: Operator]]

  /// A registry of the package's own operators.
  public static let standard = KernelRegistry(
    standardOperators + machineLearningOperators + previewOperators + trainingOperators)

  public init(_ operators: [Operator]) {
    var table: [String: [String: Operator]] = [:]
    for entry in operators + Self.gradientOperators {
      table[entry.domain, default: [:]][entry.opType] = entry
    }
    self.operators = table
  }

  /// The operator that a node names, whatever its version.
  public func entry(domain: String, opType: String) -> Operator? { operators[domain]?[opType] }

  /// Every operator that a file may hold, sorted by domain and name.
  public var all: [Operator] {
    operators.filter { $0.key != GradientOperators.domain }.values.flatMap(\.values).sorted {
      ($0.domain, $0.opType) < ($1.domain, $1.opType)
    }
  }

  /// True where `node` names an operator that draws random numbers.
  func isRandom(_ node: NodeDescription) -> Bool {
    entry(domain: node.domain, opType: node.opType)?.isRandom ?? false
  }

  /// The kernel of a node in the session's engine.
  ///
  /// - Throws: `unsupportedOperator`, naming operator and version.
  func kernel(for node: inout NodeDescription) throws(SurgeonError) -> any Kernel {
    let set = node.domain.isEmpty ? "ai.onnx" : node.domain
    guard let entry = entry(domain: node.domain, opType: node.opType) else {
      throw SurgeonError(
        .unsupportedOperator,
        "the runtime has no kernel for operator \(node.opType) of \(set) \(node.opset)")
    }
    guard let version = entry.version(for: node.opset) else {
      let reason =
        entry.removedIn.map { "it is gone from version \($0) on" }
        ?? "it exists from version \(entry.versions.first ?? 1) on"
      throw SurgeonError(
        .unsupportedOperator, "there is no operator \(node.opType) in \(set) \(node.opset)",
        detail: reason)
    }
    node.sinceVersion = version
    let reference = try entry.make(node)
    guard node.options.engine == .fast, node.options.precision == .single else { return reference }
    return try FastEngine.kernel(for: node, fallback: reference) ?? reference
  }
}
