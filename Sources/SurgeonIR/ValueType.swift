/// One dimension of a shape: a number, a name that stands for a number (`N`), or unknown.
public struct Dimension: Hashable, Sendable {
  public enum Size: Hashable, Sendable {
    case known(Int)
    case symbolic(String)
    case unknown
  }

  public var size: Size
  /// What the dimension means (`DATA_BATCH`, `DATA_CHANNEL`, ...), where the file says so.
  public var denotation: String?

  public init(_ size: Size, denotation: String? = nil) {
    self.size = size
    self.denotation = denotation
  }

  public static func known(_ value: Int) -> Dimension { Dimension(.known(value)) }
  public static func symbolic(_ name: String) -> Dimension { Dimension(.symbolic(name)) }
  public static var unknown: Dimension { Dimension(.unknown) }

  /// The number, where the dimension is one.
  public var value: Int? {
    // A switch, not `if case`: the optimiser of Swift 6.3 crashes on the latter where it is
    // inlined into a read of an array's element.
    switch size {
    case .known(let value): value
    case .symbolic, .unknown: nil
    }
  }
}

/// The dimensions of a tensor, outermost first. A scalar has none.
public struct Shape: Hashable, Sendable {
  public var dimensions: [Dimension]

  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }
  public init(_ sizes: [Int]) { dimensions = sizes.map(Dimension.known) }

  public var rank: Int { dimensions.count }

  /// The sizes, where every dimension is a number.
  public var sizes: [Int]? {
    var result: [Int] = []
    result.reserveCapacity(dimensions.count)
    for dimension in dimensions {
      guard let value = dimension.value else { return nil }
      result.append(value)
    }
    return result
  }
}

/// The type of a value: what the standard's `TypeProto` says.
public struct ValueType: Hashable, Sendable {
  public indirect enum Kind: Hashable, Sendable {
    /// A dense tensor; `shape` is nil where even the rank is unknown.
    case tensor(ElementType, Shape?)
    case sparseTensor(ElementType, Shape?)
    case sequence(ValueType)
    case optional(ValueType)
    case map(key: ElementType, value: ValueType)
    case opaque(domain: String, name: String)
    /// A type message that names no kind, as some exporters write for values they know nothing of.
    case unspecified
  }

  public var kind: Kind
  public var denotation: String?

  public init(_ kind: Kind, denotation: String? = nil) {
    self.kind = kind
    self.denotation = denotation
  }

  public static func tensor(_ elementType: ElementType, _ shape: Shape?) -> ValueType {
    ValueType(.tensor(elementType, shape))
  }

  /// The element type of a dense tensor.
  public var elementType: ElementType? {
    if case .tensor(let elementType, _) = kind { elementType } else { nil }
  }

  /// The shape of a dense tensor, where the rank is known.
  public var shape: Shape? {
    if case .tensor(_, let shape) = kind { shape } else { nil }
  }

  public var rank: Int? { shape?.rank }
}
