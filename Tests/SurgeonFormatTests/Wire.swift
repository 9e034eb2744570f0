import Testing

/// A protobuf reader for tests, independent of the one that is tested.
enum Wire {
  struct Field: Hashable {
    var number: Int
    var type: UInt8
    var payload: [UInt8]
  }

  static func fields(_ bytes: [UInt8]) throws -> [Field] {
    var result: [Field] = []
    var position = 0
    func varint() throws -> Int {
      var value = 0
      var shift = 0
      while true {
        try #require(position < bytes.count && shift < 63)
        let byte = bytes[position]
        position += 1
        value |= Int(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
    }
    while position < bytes.count {
      let tag = try varint()
      let start: Int
      let end: Int
      switch tag & 7 {
      case 0:
        start = position
        while bytes[position] >= 0x80 { position += 1 }
        end = position + 1
      case 1: (start, end) = (position, position + 8)
      case 5: (start, end) = (position, position + 4)
      default:
        let count = try varint()
        (start, end) = (position, position + count)
      }
      try #require(end <= bytes.count)
      result.append(
        Field(number: tag >> 3, type: UInt8(tag & 7), payload: Array(bytes[start..<end])))
      position = end
    }
    return result
  }

  /// A field with its tag and length.
  static func field(_ number: Int, _ payload: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(payload.count) + payload
  }

  static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  static func field(_ number: Int, int value: Int) -> [UInt8] {
    varint(number << 3) + varint(value)
  }

  static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(bitPattern: Int64(value))
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }
}

extension [Wire.Field] {
  /// The fields of the first nested message with this number.
  func message(_ number: Int) throws -> [Wire.Field] {
    try Wire.fields(#require(first { $0.number == number }).payload)
  }

  /// The fields of the node called `name`, of a graph.
  func node(_ name: String) throws -> [Wire.Field] {
    let wanted: [UInt8] = .init(name.utf8)
    for field in self where field.number == 1 {
      let node = try Wire.fields(field.payload)
      if node.contains(where: { $0.number == 3 && $0.payload == wanted }) { return node }
    }
    throw NoSuchNode(name: name)
  }
}

struct NoSuchNode: Error { let name: String }
