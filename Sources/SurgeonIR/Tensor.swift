/// Data without a name: element type, shape and numbers (or a promise to fetch the numbers).
///
/// A tensor that was read from a file holds no copy of its numbers; they are read by whoever asks
/// for `bytes()`. Copying a tensor costs a few retains.
public struct Tensor: Sendable {
  public enum Storage: Sendable {
    /// Elements in row-major order, little-endian, packed as `ElementType.bitWidth` says.
    case bytes(TensorBytes)
    /// Elements of a string tensor, as the bytes of the file (usually UTF-8).
    case strings([[UInt8]])
    /// Elements that must be fetched or decoded: external data, or varint-coded fields.
    case deferred(any TensorSource)
  }

  public let elementType: ElementType
  /// Sizes, outermost first; a scalar has none.
  public let shape: [Int]
  public let storage: Storage
  public let docString: String
  /// Where the message that described this tensor stands in the source file, nil when it is new.
  public let origin: Origin?

  /// The number of elements. Readers guarantee that the product does not overflow.
  public var count: Int { shape.reduce(1, *) }
  /// The bytes that the elements take; nil for strings, and where no Int holds the number.
  package var byteCount: Int? { elementType.byteCount(of: count) }

  public init(
    elementType: ElementType, shape: [Int], storage: Storage, docString: String = "",
    origin: Origin? = nil
  ) {
    self.elementType = elementType
    self.shape = shape
    self.storage = storage
    self.docString = docString
    self.origin = origin
  }

  /// A numeric tensor over `bytes`, whose length must fit shape and type.
  public init(elementType: ElementType, shape: [Int], bytes: TensorBytes) {
    precondition(elementType.byteCount(of: shape.reduce(1, *)) == bytes.count)
    self.init(elementType: elementType, shape: shape, storage: .bytes(bytes))
  }

  /// The elements in row-major order, little-endian.
  ///
  /// - Throws: what the source throws, or `invalidData` for a string tensor.
  public func bytes() throws(SurgeonError) -> TensorBytes {
    switch storage {
    case .bytes(let bytes): return bytes
    case .deferred(let source): return try source.load()
    case .strings:
      throw SurgeonError(.invalidData, "a string tensor has no numeric bytes")
    }
  }

  /// The same numbers under another shape of the same count.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == count)
    return Tensor(elementType: elementType, shape: shape, storage: storage)
  }
}

/// Where a tensor's elements come from when they are not plain bytes in memory.
public protocol TensorSource: Sendable {
  /// Bytes as `Tensor.Storage.bytes` has them.
  func load() throws(SurgeonError) -> TensorBytes
  /// The numbers before they are rounded to the element type; nil where the bytes are all there is.
  var unroundedNumbers: [Double]? { get }
}

extension TensorSource {
  public var unroundedNumbers: [Double]? { nil }
}

/// The range of the source file that an untouched message occupies (its payload, without tag and
/// length). Opaque to the IR: whoever changes a message drops its origin, and the writer writes a
/// message that has one as the bytes it was.
public struct Origin: Hashable, Sendable {
  /// Tells source files apart: tensors and attributes may travel from one model to another.
  public let source: Int
  public let offset: Int
  public let count: Int

  public init(source: Int, offset: Int, count: Int) {
    self.source = source
    self.offset = offset
    self.count = count
  }
}
