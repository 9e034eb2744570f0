/// A named constant of a node: what the standard's `AttributeProto` holds.
public struct Attribute: Sendable {
  public enum Payload: Sendable {
    case float(Float)
    case int(Int64)
    /// Bytes, usually UTF-8.
    case string([UInt8])
    case tensor(Tensor)
    case sparseTensor(SparseTensor)
    case graph(Graph.ID)
    case type(ValueType)
    case floats([Float])
    case ints([Int64])
    case strings([[UInt8]])
    case tensors([Tensor])
    case sparseTensors([SparseTensor])
    case graphs([Graph.ID])
    case types([ValueType])
    /// In a function body: the attribute of the calling node that stands here, with the code that
    /// the standard's `AttributeType` gives its type.
    case reference(to: String, typeCode: Int32)
    /// A payload of a type this version does not know; it survives as `unrecognized` bytes.
    case unknown(typeCode: Int32)
  }

  public var name: String { didSet { origin = nil } }
  public var payload: Payload { didSet { origin = nil } }
  public var docString: String { didSet { origin = nil } }
  /// Where the message stands in the source file; nil when new or changed.
  public internal(set) var origin: Origin?
  /// Bytes of the message that the IR has no name for, written back as they stand.
  public var unrecognized: [UInt8]

  public init(
    _ name: String, _ payload: Payload, docString: String = "", origin: Origin? = nil,
    unrecognized: [UInt8] = []
  ) {
    self.name = name
    self.payload = payload
    self.docString = docString
    self.origin = origin
    self.unrecognized = unrecognized
  }

  public static func int(_ name: String, _ value: Int) -> Attribute {
    Attribute(name, .int(Int64(value)))
  }
  public static func ints(_ name: String, _ values: [Int]) -> Attribute {
    Attribute(name, .ints(values.map(Int64.init)))
  }
  public static func float(_ name: String, _ value: Float) -> Attribute {
    Attribute(name, .float(value))
  }
  public static func string(_ name: String, _ value: String) -> Attribute {
    Attribute(name, .string(Array(value.utf8)))
  }
  public static func tensor(_ name: String, _ value: Tensor) -> Attribute {
    Attribute(name, .tensor(value))
  }

  /// The graphs that the attribute holds: the bodies of If, Loop and Scan.
  public var graphs: [Graph.ID] {
    switch payload {
    case .graph(let graph): [graph]
    case .graphs(let graphs): graphs
    default: []
    }
  }
}

/// A tensor given by its nonzero elements (`SparseTensorProto`).
public struct SparseTensor: Sendable {
  /// The nonzero elements, rank 1. The name of a sparse initializer stands with its value.
  public let values: Tensor
  /// Positions: [nonzero count] linear, or [nonzero count, rank].
  public let indices: Tensor
  public let shape: [Int]
  public let origin: Origin?

  public init(values: Tensor, indices: Tensor, shape: [Int], origin: Origin? = nil) {
    self.values = values
    self.indices = indices
    self.shape = shape
    self.origin = origin
  }
}

/// A key with its value, as `metadata_props` and quantization annotations hold them.
public struct StringPair: Hashable, Sendable {
  public var key: String
  public var value: String

  public init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}
