public import SurgeonIR
internal import Synchronization

/// One run of a kernel: its inputs and what it may use of the session.
public struct KernelCall: Sendable {
  private let description: SharedDescription
  public var node: NodeDescription { description.node }
  /// The inputs in the operator's order, nil where an optional one is left out.
  public let inputs: [RuntimeValue?]
  public let context: ExecutionContext
  /// The values of the graph that the node stands in, for the bodies that read them.
  let frame: Frame?
  /// As in `GraphPlan.Step`.
  let consumes: [Bool]

  public init(
    node: NodeDescription, inputs: [RuntimeValue?], context: ExecutionContext
  ) {
    self.init(node: node, inputs: inputs, context: context, frame: nil)
  }

  init(
    node: NodeDescription, inputs: [RuntimeValue?], context: ExecutionContext, frame: Frame?
  ) {
    self.init(
      SharedDescription(node), inputs: inputs, context: context, frame: frame, consumes: [])
  }

  init(
    _ description: SharedDescription, inputs: [RuntimeValue?], context: ExecutionContext,
    frame: Frame?, consumes: [Bool]
  ) {
    self.description = description
    self.inputs = inputs
    self.context = context
    self.frame = frame
    self.consumes = consumes
  }

  /// True where input `slot` is given.
  public func has(_ slot: Int) -> Bool { slot < inputs.count && inputs[slot] != nil }

  /// Input `slot`, which the operator requires.
  public func datum(_ slot: Int) throws(SurgeonError) -> Datum {
    guard slot < inputs.count, let value = inputs[slot] else {
      throw SurgeonError(.invalidNode, "input \(slot) of \(node.opType) is missing")
    }
    return try value.plain().aligned()
  }

  /// Input `slot` as a dense tensor, which the operator requires.
  public func tensor(_ slot: Int) throws(SurgeonError) -> Tensor {
    // What nearly every input is, without a copy on the way.
    if slot < inputs.count, case .datum(.tensor(let tensor))? = inputs[slot], tensor.isAligned {
      return tensor
    }
    guard case .tensor(let tensor) = try datum(slot) else {
      throw SurgeonError(.invalidNode, "input \(slot) of \(node.opType) is not a tensor")
    }
    return tensor
  }

  /// Input `slot` as a dense tensor, nil where it is left out.
  public func optionalTensor(_ slot: Int) throws(SurgeonError) -> Tensor? {
    has(slot) ? try tensor(slot) : nil
  }

  /// The element type of input `slot`, a dense tensor that the operator requires.
  func elementType(of slot: Int) throws(SurgeonError) -> ElementType {
    if slot < inputs.count, let type = inputs[slot]?.elementType { return type }
    return try tensor(slot).elementType
  }

  /// Input `slot` as integers, whatever their width; nil where it is left out.
  public func ints(_ slot: Int) throws(SurgeonError) -> [Int]? {
    guard let tensor = try optionalTensor(slot) else { return nil }
    guard let numbers = try tensor.intElements() else {
      throw SurgeonError(
        .invalidNode, "input \(slot) of \(node.opType) must hold integers",
        detail: "it is a tensor of \(tensor.elementType.name)")
    }
    return numbers
  }

  /// What `type` becomes in the session's precision: Float64 for every wide floating-point type
  /// in double precision, `type` itself otherwise.
  public func runtimeType(_ type: ElementType) -> ElementType {
    context.options.precision.runtimeType(type)
  }

  /// True for a tensor in memory of the session that no input had, or only one that may be overwritten.
  func isExclusive(_ result: RuntimeValue?) -> Bool {
    guard let block = result?.pooledBlock else { return false }
    return inputs.indices.allSatisfy { slot in
      switch inputs[slot] {
      case nil: true
      // What a sequence or a layout has is not looked for.
      case .datum(.tensor(let tensor))?:
        (slot < consumes.count && consumes[slot]) || tensor.owner !== block
      default: false
      }
    }
  }

  /// An `invalidNode` error; the session adds the node and the shapes of its inputs.
  public func failure(_ message: String) -> SurgeonError { SurgeonError(.invalidNode, message) }
}

/// A node's description as one reference: every node of every run makes a call of one, and a copy of
/// the description itself would touch a dozen reference counts.
final class SharedDescription: Sendable {
  let node: NodeDescription
  /// What the node's last run found out about the shapes of its inputs.
  fileprivate let kept = Mutex<Kept?>(nil)

  struct Kept {
    let first: [Int]
    let second: [Int]
    let type: ElementType
    let value: any AnyObject & Sendable
  }

  init(_ node: NodeDescription) { self.node = node }
}

extension KernelCall {
  /// What `make` returns, from the node's last run where that had two inputs of the same shapes and type.
  func kept<Value: AnyObject & Sendable>(
    for first: [Int], _ second: [Int], _ type: ElementType,
    _ make: () throws(SurgeonError) -> Value
  ) throws(SurgeonError) -> Value {
    let last = description.kept.withLock { kept -> Value? in
      guard let kept, kept.type == type, kept.first == first, kept.second == second else {
        return nil
      }
      return kept.value as? Value
    }
    if let last { return last }
    let value = try make()
    description.kept.withLock {
      $0 = .init(first: first, second: second, type: type, value: value)
    }
    return value
  }
}

extension SessionOptions.Precision {
  /// The element type that values of `type` have while the model runs.
  public func runtimeType(_ type: ElementType) -> ElementType {
    guard self == .double else { return type }
    switch type {
    case .float16, .bfloat16, .float32: return .float64
    default: return type
    }
  }
}
