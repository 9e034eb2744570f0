public import SurgeonIR

/// A value while a model runs: plain data, or data in a layout that only its engine understands.
///
/// A layout travels from one kernel of its engine to the next; it becomes plain only where another
/// kernel, an observer or the caller asks.
public enum RuntimeValue: Sendable {
  case datum(Datum)
  case layout(any EngineLayout)

  public static func tensor(_ tensor: Tensor) -> RuntimeValue { .datum(.tensor(tensor)) }

  /// The value in the form that every kernel understands.
  public func plain() throws(SurgeonError) -> Datum {
    switch self {
    case .datum(let datum): datum
    case .layout(let layout): .tensor(try layout.plainTensor())
    }
  }

  /// The memory of the session that a plain tensor is in; nil for other values and other memory.
  var pooledBlock: PooledBlock? {
    guard case .datum(.tensor(let tensor)) = self else { return nil }
    return tensor.owner as? PooledBlock
  }

  /// The element type, where the value is a dense tensor.
  public var elementType: ElementType? {
    switch self {
    case .datum(let datum): datum.tensor?.elementType
    case .layout(let layout): layout.elementType
    }
  }

  /// The shape, where the value is a dense tensor.
  public var shape: [Int]? {
    switch self {
    case .datum(let datum): datum.tensor?.shape
    case .layout(let layout): layout.shape
    }
  }
}

extension Tensor {
  /// Who keeps the elements in memory; nil where they are not there as plain bytes.
  var owner: AnyObject? {
    guard case .bytes(let bytes) = storage else { return nil }
    return bytes.owner
  }
}

/// A dense tensor in an arrangement of its engine (such as a blocked oneDNN memory).
public protocol EngineLayout: AnyObject, Sendable {
  var elementType: ElementType { get }
  /// The logical sizes, in the operator's order.
  var shape: [Int] { get }
  /// The elements in row-major order. Called more than once where several plain kernels read the
  /// value: an implementation keeps the result.
  func plainTensor() throws(SurgeonError) -> Tensor
  /// Says that somebody may keep the value: its memory must not become another's.
  func share()
}
