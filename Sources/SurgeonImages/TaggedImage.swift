/// TIFF without compression: grey or RGB of 8 bits in strips, in either byte order.
enum TaggedImage {
  static func decode(_ bytes: [UInt8]) -> Image? {
    let file = ByteReader(bytes, isBigEndian: bytes.first == UInt8(ascii: "M"))
    guard let directory = file.number(at: 4, width: 4),
      let entries = file.number(at: directory, width: 2)
    else { return nil }
    var fields: [Int: [Int]] = [:]
    for entry in 0..<entries {
      let place = directory + 2 + entry * 12
      guard let tag = file.number(at: place, width: 2),
        let values = values(file, at: place)
      else { return nil }
      fields[tag] = values
    }
    guard let width = fields[256]?.first, let height = fields[257]?.first,
      let offsets = fields[273], let counts = fields[279], offsets.count == counts.count,
      fields[259]?.first ?? 1 == 1, (fields[258] ?? [8]).allSatisfy({ $0 == 8 }),
      fields[284]?.first ?? 1 == 1
    else { return nil }
    let samples = fields[277]?.first ?? 1
    var data: [UInt8] = []
    for (offset, count) in zip(offsets, counts) {
      guard let strip = file.slice(at: offset, count: count) else { return nil }
      data += strip
    }
    guard width > 0, height > 0, width < 1 << 20, height < 1 << 20,
      samples == 1 || samples == 3 || samples == 4, data.count >= width * height * samples
    else { return nil }
    let channels = min(samples, 3)
    let isInverted = fields[262]?.first == 0
    let pixels = (0..<(width * height * channels)).map { index in
      let value = data[index / channels * samples + index % channels]
      return isInverted ? 255 - value : value
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// The numbers of a directory entry, which stand in the entry itself where they fit.
  private static func values(_ file: ByteReader, at place: Int) -> [Int]? {
    guard let type = file.number(at: place + 2, width: 2),
      let count = file.number(at: place + 4, width: 4)
    else { return nil }
    let width: Int
    switch type {
    case 1, 2, 6, 7: width = 1
    case 3, 8: width = 2
    case 4, 9: width = 4
    default: return []
    }
    guard count <= file.bytes.count / width else { return nil }
    var start = place + 8
    if count * width > 4 {
      guard let elsewhere = file.number(at: place + 8, width: 4) else { return nil }
      start = elsewhere
    }
    var result: [Int] = []
    for index in 0..<count {
      guard let value = file.number(at: start + index * width, width: width) else { return nil }
      result.append(value)
    }
    return result
  }
}
