/// PNG (ISO/IEC 15948) of 8 bits without interlacing: grey, RGB, palette, with or without alpha.
enum PortableNetworkGraphics {
  static func decode(_ bytes: [UInt8]) -> Image? {
    let file = ByteReader(bytes, isBigEndian: true)
    var position = 8
    var header: ArraySlice<UInt8> = []
    var palette: [UInt8] = []
    var compressed: [UInt8] = []
    while let count = file.number(at: position, width: 4),
      let name = file.slice(at: position + 4, count: 4),
      let body = file.slice(at: position + 8, count: count)
    {
      switch String(decoding: name, as: UTF8.self) {
      case "IHDR": header = body
      case "PLTE": palette = Array(body)
      case "IDAT": compressed += body
      default: break
      }
      position += count + 12
    }
    let fields = ByteReader(Array(header), isBigEndian: true)
    guard header.count == 13, let width = fields.number(at: 0, width: 4),
      let height = fields.number(at: 4, width: 4), fields.bytes[8] == 8, fields.bytes[12] == 0,
      let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][fields.bytes[9]], width > 0, height > 0,
      width < 1 << 20, height < 1 << 20,
      // Two bytes of zlib header in front, four of checksum behind.
      compressed.count > 6,
      let lines = Inflate.inflate(
        compressed[2...], limit: height * (width * samples + 1)),
      let rows = unfiltered(lines, rowLength: width * samples, height: height, step: samples)
    else { return nil }
    let isPalette = fields.bytes[9] == 3
    let channels = isPalette ? 3 : samples < 3 ? 1 : 3
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * channels)
    for pixel in 0..<(width * height) {
      if isPalette {
        let entry = 3 * Int(rows[pixel])
        guard entry + 2 < palette.count else { return nil }
        pixels += palette[entry...(entry + 2)]
      } else {
        pixels += rows[(pixel * samples)..<(pixel * samples + channels)]
      }
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// Undoes the prediction of each row from its neighbours.
  private static func unfiltered(
    _ lines: [UInt8], rowLength: Int, height: Int, step: Int
  ) -> [UInt8]? {
    guard lines.count == height * (rowLength + 1) else { return nil }
    var rows = Array(repeating: UInt8(0), count: height * rowLength)
    for row in 0..<height {
      let filter = lines[row * (rowLength + 1)]
      for index in 0..<rowLength {
        let place = row * rowLength + index
        let left = index >= step ? Int(rows[place - step]) : 0
        let above = row > 0 ? Int(rows[place - rowLength]) : 0
        let corner = row > 0 && index >= step ? Int(rows[place - rowLength - step]) : 0
        let predicted: Int
        switch filter {
        case 0: predicted = 0
        case 1: predicted = left
        case 2: predicted = above
        case 3: predicted = (left + above) / 2
        case 4: predicted = paeth(left, above, corner)
        default: return nil
        }
        let coded = lines[row * (rowLength + 1) + 1 + index]
        rows[place] = UInt8(truncatingIfNeeded: Int(coded) + predicted)
      }
    }
    return rows
  }

  /// The neighbour nearest to left + above - corner.
  private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let estimate = left + above - corner
    let distances = (abs(estimate - left), abs(estimate - above), abs(estimate - corner))
    if distances.0 <= distances.1, distances.0 <= distances.2 { return left }
    return distances.1 <= distances.2 ? above : corner
  }
}
