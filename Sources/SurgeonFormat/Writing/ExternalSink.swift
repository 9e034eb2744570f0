internal import SurgeonIR

/// The contents of a data file that is written beside a model: big initializers, one after the
/// other, each from an address that can be mapped.
struct ExternalSink {
  /// The name of the data file, which stands in the model's directory.
  let location: String
  private(set) var pieces = PieceList()
  private var offsets: [Place: Int] = [:]
  /// Keeps the blocks of `offsets` from being freed, and their addresses from being used again.
  private var stored: [TensorBytes] = []

  /// Tensors below this many bytes stay in the model, as onnx's own helper has it.
  static let smallest = 1024
  private static let alignment = 4096

  /// Bytes that are already in the file: tensors that share memory share their place.
  private struct Place: Hashable {
    let base: UnsafeRawPointer
    let count: Int
  }

  init(location: String) { self.location = location }

  /// Adds the elements and tells where they are; nil where they should stay in the model.
  mutating func store(_ tensor: Tensor) throws(SurgeonError) -> [StringPair]? {
    if case .strings = tensor.storage { return nil }
    guard let size = tensor.byteCount, size >= Self.smallest else {
      return nil
    }
    let bytes = try tensor.bytes()
    let key = Place(base: bytes.base, count: bytes.count)
    let offset = offsets[key] ?? pieces.count.roundedUp(to: Self.alignment)
    if offsets.updateValue(offset, forKey: key) == nil {
      stored.append(bytes)
      pieces.append(repeatElement(UInt8(0), count: offset - pieces.count))
      pieces.append(bytes)
    }
    return [
      StringPair("location", location), StringPair("offset", String(offset)),
      StringPair("length", String(bytes.count)),
    ]
  }
}

extension Int {
  func roundedUp(to alignment: Int) -> Int { (self + alignment - 1) / alignment * alignment }
}
