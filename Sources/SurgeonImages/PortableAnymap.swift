/// PBM, PGM and PPM, as text (P1 to P3) or binary (P4 to P6), with at most 8 bits.
enum PortableAnymap {
  static func decode(_ bytes: [UInt8]) -> Image? {
    let kind = Int(bytes[1]) - 0x30
    var position = 2
    let isBits = kind == 1 || kind == 4
    guard let width = number(bytes, &position), let height = number(bytes, &position),
      let largest = isBits ? 1 : number(bytes, &position), width > 0, height > 0,
      width < 1 << 20, height < 1 << 20, largest > 0, largest < 256
    else { return nil }
    let channels = kind == 3 || kind == 6 ? 3 : 1
    let count = width * height * channels
    var values: [Int] = []
    if kind <= 3 {
      guard count <= bytes.count else { return nil }
      for _ in 0..<count {
        guard let value = isBits ? digit(bytes, &position) : number(bytes, &position) else {
          return nil
        }
        values.append(value)
      }
    } else {
      position += 1
      let rowBytes = isBits ? (width + 7) / 8 : width * channels
      guard let body = ByteReader(bytes).slice(at: position, count: rowBytes * height) else {
        return nil
      }
      let start = body.startIndex
      values = (0..<count).map { index in
        guard isBits else { return Int(body[start + index]) }
        let byte = body[start + index / width * rowBytes + index % width / 8]
        return Int(byte >> UInt8(7 - index % width % 8)) & 1
      }
    }
    let pixels = values.map { value in
      UInt8(clamping: isBits ? (1 - value) * 255 : (value * 255 + largest / 2) / largest)
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// A number behind white space and comments.
  private static func number(_ bytes: [UInt8], _ position: inout Int) -> Int? {
    skipSpace(bytes, &position)
    var value: Int?
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      let next = (value ?? 0) * 10 + Int(bytes[position] - 0x30)
      guard next < 1 << 30 else { return nil }
      value = next
      position += 1
    }
    return value
  }

  private static func digit(_ bytes: [UInt8], _ position: inout Int) -> Int? {
    skipSpace(bytes, &position)
    guard position < bytes.count, bytes[position] == 0x30 || bytes[position] == 0x31 else {
      return nil
    }
    defer { position += 1 }
    return Int(bytes[position] - 0x30)
  }

  private static func skipSpace(_ bytes: [UInt8], _ position: inout Int) {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      } else if ![0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
        return
      }
      position += 1
    }
  }
}
