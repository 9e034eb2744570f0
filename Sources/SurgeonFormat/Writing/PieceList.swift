internal import SurgeonIR

/// Bytes to be written: a list of small buffers, ranges of input files and blocks of memory.
///
/// Weights are pieces that refer to where they are, so that a list is small however large the file
/// that it describes.
struct PieceList {
  enum Content {
    /// A range of `buffer`.
    case buffer(Range<Int>)
    case file(SourceFile, Range<Int>)
    case memory(TensorBytes)

    /// In bytes.
    var count: Int {
      switch self {
      case .buffer(let range), .file(_, let range): range.count
      case .memory(let bytes): bytes.count
      }
    }
  }

  private(set) var buffer: [UInt8] = []
  private(set) var contents: [Content] = []
  /// The length of everything together.
  private(set) var count = 0

  /// From here on a block of memory is referred to, not copied.
  private static let copiedUpTo = 4096

  mutating func append(_ bytes: some Collection<UInt8>) {
    guard !bytes.isEmpty else { return }
    let start = buffer.count
    buffer += bytes
    count += bytes.count
    if case .buffer(let last)? = contents.last, last.upperBound == start {
      contents[contents.count - 1] = .buffer(last.lowerBound..<buffer.count)
    } else {
      contents.append(.buffer(start..<buffer.count))
    }
  }

  /// A range of a file; ranges that touch become one.
  mutating func append(_ file: SourceFile, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    count += range.count
    if case .file(let other, let last)? = contents.last, other === file,
      last.upperBound == range.lowerBound
    {
      contents[contents.count - 1] = .file(file, last.lowerBound..<range.upperBound)
    } else {
      contents.append(.file(file, range))
    }
  }

  mutating func append(_ bytes: TensorBytes) {
    if let file = bytes.owner as? SourceFile, let range = file.range(of: bytes) {
      append(file, range)
    } else if bytes.count <= Self.copiedUpTo {
      bytes.withUnsafeBytes { append($0) }
    } else {
      count += bytes.count
      contents.append(.memory(bytes))
    }
  }

  mutating func append(_ list: PieceList) {
    for content in list.contents {
      switch content {
      case .buffer(let range): append(list.buffer[range])
      case .file(let file, let range): append(file, range)
      case .memory(let bytes): append(bytes)
      }
    }
  }

  // MARK: Wire format

  mutating func appendVarint(_ value: UInt64) { append(Self.varint(value)) }

  /// A length-delimited field.
  mutating func append(field number: UInt32, _ list: PieceList) {
    append(Self.header(of: number, count: list.count))
    append(list)
  }

  /// A length-delimited field with small contents.
  mutating func append(field number: UInt32, _ bytes: some Collection<UInt8>) {
    append(Self.header(of: number, count: bytes.count))
    append(bytes)
  }

  /// A message of a file as field `number`: with its old tag and length if those fit.
  mutating func append(field number: UInt32, of file: SourceFile, _ payload: Range<Int>) {
    let header = Self.header(of: number, count: payload.count)
    let start = payload.lowerBound - header.count
    defer { file.forget(payload) }
    if start >= 0, file.bytes[start..<payload.lowerBound].elementsEqual(header) {
      append(file, start..<payload.upperBound)
    } else {
      append(header)
      append(file, payload)
    }
  }

  private static func header(of number: UInt32, count: Int) -> [UInt8] {
    varint(UInt64(number) << 3 | UInt64(WireType.bytes.rawValue)) + varint(UInt64(count))
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var result: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    result.append(UInt8(rest))
    return result
  }

  /// Everything in memory.
  var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    for content in contents {
      switch content {
      case .buffer(let range): result += buffer[range]
      case .file(let file, let range): result += file.bytes[range]
      case .memory(let bytes): bytes.withUnsafeBytes { result += $0 }
      }
    }
    return result
  }
}
