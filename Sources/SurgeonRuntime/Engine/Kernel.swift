public import SurgeonIR

/// One node's computation, made when a session is made. The only thing an engine has to provide.
///
/// A kernel may keep what it prepared (reordered weights, compiled primitives) for the next run; a
/// session runs its nodes one after the other, so that state needs no lock unless the same session
/// runs on several threads.
public protocol Kernel: Sendable {
  /// Whose kernel this is, for profiles; see `NodeTiming.engine`.
  var engineName: String { get }

  /// The outputs in the operator's order; nil (or a shorter list) for outputs that nobody reads.
  ///
  /// - Throws: `invalidNode` where types or shapes do not fit; the session adds the place.
  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]

  /// Bytes of constant weights that `prepare` brings into the kernel's own arrangement; 0 where the
  /// kernel has nothing to prepare.
  var weightBytes: Int { get }

  /// Does ahead what the first run of `call` would do besides computing. Kernels of one session
  /// prepare at the same time, on several threads.
  ///
  /// Of inputs that are no constants only element type and shape are known, and these are a guess:
  /// whatever prevents preparing is left for the run to say.
  func prepare(_ call: KernelCall)
}

extension Kernel {
  public var weightBytes: Int { 0 }
  public func prepare(_ call: KernelCall) {}
}

/// What a kernel is made from: the node as the model has it, and what is known before any input.
public struct NodeDescription: Sendable {
  public let id: Node.ID
  public let name: String
  public let opType: String
  /// Canonical: empty for the standard's own operators.
  public let domain: String
  /// The version of the operator set that the graph imports.
  public let opset: Int
  /// The version of the set that last changed the operator: the definition in force.
  public internal(set) var sinceVersion: Int
  /// Attributes, references to a function's parameters resolved.
  public let attributes: [Attribute]
  /// For every input slot its constant, where it is one (already widened in double precision).
  public internal(set) var constants: [Tensor?]
  /// For every input slot whether a value stands there.
  public let hasInput: [Bool]
  /// The names of the outputs, empty where one is left out.
  public let outputNames: [String]
  /// For every output slot whether anything reads it.
  public internal(set) var usesOutput: [Bool]
  /// True where the first output leaves the graph and no other node reads it.
  public let endsGraph: Bool
  /// What the session computes in.
  public let options: SessionOptions
  /// The plans of the graphs in the attributes, by attribute name.
  var bodies: [String: GraphPlan] = [:]

  /// True where output `slot` exists and is read.
  public func needsOutput(_ slot: Int) -> Bool { slot < usesOutput.count && usesOutput[slot] }

  /// "node 'conv1' (Conv)", or "the Conv node of 'y'" where it has no name.
  public var title: String {
    if !name.isEmpty { return "node '\(name)' (\(opType))" }
    let output = outputNames.first { !$0.isEmpty } ?? ""
    return output.isEmpty ? "a \(opType) node" : "the \(opType) node of '\(output)'"
  }
}

extension NodeDescription {
  public func attribute(_ name: String) -> Attribute.Payload? {
    attributes.first { $0.name == name }?.payload
  }

  public func int(_ name: String) -> Int? {
    if case .int(let value)? = attribute(name) { Int(value) } else { nil }
  }
  public func int(_ name: String, default other: Int) -> Int { int(name) ?? other }

  public func flag(_ name: String, default other: Bool = false) -> Bool {
    int(name).map { $0 != 0 } ?? other
  }

  public func ints(_ name: String) -> [Int]? {
    if case .ints(let values)? = attribute(name) { values.map { Int($0) } } else { nil }
  }

  public func float(_ name: String) -> Double? {
    if case .float(let value)? = attribute(name) { Double(value) } else { nil }
  }
  /// A default of the standard is a Float32 number, as the attribute is: 1e-5 means the nearest one,
  /// in Float64 too.
  public func float(_ name: String, default other: Float) -> Double { float(name) ?? Double(other) }

  public func floats(_ name: String) -> [Double]? {
    if case .floats(let values)? = attribute(name) { values.map { Double($0) } } else { nil }
  }

  public func string(_ name: String) -> String? {
    guard case .string(let bytes)? = attribute(name) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
  public func string(_ name: String, default other: String) -> String { string(name) ?? other }

  public func strings(_ name: String) -> [[UInt8]]? {
    if case .strings(let values)? = attribute(name) { values } else { nil }
  }

  public func tensor(_ name: String) -> Tensor? {
    if case .tensor(let value)? = attribute(name) { value } else { nil }
  }

  /// The element type that an attribute such as `dtype` or `to` names.
  public func elementType(_ name: String) throws(SurgeonError) -> ElementType? {
    guard let code = int(name) else { return nil }
    guard let type = Int32(exactly: code).flatMap(ElementType.init(rawValue:)), type != .undefined
    else {
      throw SurgeonError(.invalidNode, "attribute '\(name)' names no element type: \(code)")
    }
    return type
  }
}
