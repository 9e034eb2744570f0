/// BMP without compression: 8 bits with a palette, 24 or 32 bits.
enum Bitmap {
  static func decode(_ bytes: [UInt8]) -> Image? {
    let file = ByteReader(bytes)
    guard let start = file.number(at: 10, width: 4), let header = file.number(at: 14, width: 4),
      let width = file.number(at: 18, width: 4), let rawHeight = file.number(at: 22, width: 4),
      let depth = file.number(at: 28, width: 2), let compression = file.number(at: 30, width: 4),
      compression == 0, depth == 8 || depth == 24 || depth == 32, width > 0, width < 1 << 20
    else { return nil }
    // A negative height means that the first row comes first.
    let signedHeight = Int(Int32(truncatingIfNeeded: rawHeight))
    let height = abs(signedHeight)
    guard height > 0, height < 1 << 20 else { return nil }
    let stride = (width * depth / 8 + 3) / 4 * 4
    var pixels: [UInt8] = []
    for row in 0..<height {
      let source = signedHeight < 0 ? row : height - 1 - row
      guard let line = file.slice(at: start + source * stride, count: width * depth / 8) else {
        return nil
      }
      for column in 0..<width {
        var place = line.startIndex + column * depth / 8
        if depth == 8 {
          place = 14 + header + 4 * Int(line[place])
          guard place + 2 < bytes.count else { return nil }
        }
        pixels += [bytes[place + 2], bytes[place + 1], bytes[place]]
      }
    }
    return Image(width: width, height: height, channels: 3, pixels: pixels)
  }
}
