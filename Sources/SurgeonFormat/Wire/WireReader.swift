/// One field of a protobuf message, as it stands in a file.
struct WireField {
  let number: UInt32
  let type: WireType
  /// Where the tag begins.
  let start: Int
  /// The payload, without tag and length.
  let payload: Range<Int>

  /// Tag, length and payload.
  var whole: Range<Int> { start..<payload.upperBound }
}

/// The four encodings of a field that are in use; the two of groups are refused.
enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case bytes = 2
  case fixed32 = 5
}

/// What is wrong with the bytes, and where.
struct WireFault: Error {
  let offset: Int
  let reason: String
}

/// Walks over the fields of one message. Every step is checked against the message's end.
struct WireReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  let end: Int

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func next() throws(WireFault) -> WireField? {
    guard position < end else { return nil }
    let start = position
    let tag = try varint()
    guard let number = UInt32(exactly: tag >> 3), number > 0, number < 1 << 29 else {
      throw WireFault(offset: start, reason: "field number \(tag >> 3) is not possible")
    }
    guard let type = WireType(rawValue: UInt8(tag & 7)) else {
      throw WireFault(offset: start, reason: "wire type \(tag & 7) is not in use")
    }
    switch type {
    case .varint:
      let first = position
      _ = try varint()
      return WireField(number: number, type: type, start: start, payload: first..<position)
    case .fixed64: return try field(number, type, start, count: 8)
    case .fixed32: return try field(number, type, start, count: 4)
    case .bytes:
      let count = try varint()
      guard let count = Int(exactly: count), count <= end - position else {
        throw WireFault(
          offset: start,
          reason: "field \(number) claims \(count) bytes where \(end - position) are left")
      }
      return try field(number, type, start, count: count)
    }
  }

  private mutating func field(
    _ number: UInt32, _ type: WireType, _ start: Int, count: Int
  ) throws(WireFault) -> WireField {
    guard count <= end - position else {
      throw WireFault(offset: start, reason: "field \(number) ends after its message")
    }
    defer { position += count }
    return WireField(
      number: number, type: type, start: start, payload: position..<position + count)
  }

  /// A number of at most ten bytes, seven bits each, the lowest first.
  mutating func varint() throws(WireFault) -> UInt64 {
    let start = position
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 70 {
      let byte = bytes[position]
      position += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw WireFault(
      offset: start,
      reason: shift < 70 ? "the message ends within a number" : "a number has more than ten bytes")
  }
}
