internal import SurgeonIR

/// Pixels of 8 bits, row by row, with their channels side by side.
struct Image {
  let width: Int
  let height: Int
  /// 1 (grey) or 3 (red, green, blue).
  let channels: Int
  let pixels: [UInt8]

  /// - Returns: nil where the numbers do not fit together.
  init?(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    guard width > 0, height > 0, width < 1 << 20, height < 1 << 20,
      pixels.count == width * height * channels
    else { return nil }
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// The pixels as "RGB", "BGR" or "Grayscale".
  func converted(to format: String) -> [UInt8]? {
    switch (format, channels) {
    case ("Grayscale", 1), ("RGB", 3): return pixels
    case ("RGB", 1), ("BGR", 1): return pixels.flatMap { [$0, $0, $0] }
    case ("BGR", 3):
      return (0..<(width * height)).flatMap { pixel -> [UInt8] in
        [pixels[3 * pixel + 2], pixels[3 * pixel + 1], pixels[3 * pixel]]
      }
    case ("Grayscale", 3):
      // ITU-R BT.601 in 16 fractional bits, as libjpeg and Pillow compute it.
      return (0..<(width * height)).map { pixel -> UInt8 in
        let red = Int(pixels[3 * pixel]) * 19595
        let green = Int(pixels[3 * pixel + 1]) * 38470
        let blue = Int(pixels[3 * pixel + 2]) * 7471
        return UInt8((red + green + blue + 0x8000) >> 16)
      }
    default: return nil
    }
  }
}

/// ImageDecoder for the formats without lossy compression: BMP, PNG, PNM and TIFF.
enum ImageDecoder {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let bytes = try call.tensor(0).view(as: UInt8.self).elements
    let format = call.node.string("pixel_format", default: "RGB")
    guard let decode = decoder(for: bytes) else {
      throw SurgeonError(
        .unsupportedOperator,
        "ImageDecoder reads BMP, PNG, PNM and TIFF, and the data are none of these")
    }
    guard let image = decode(bytes) else {
      // What the standard asks for where the data cannot be decoded.
      return [.tensor(Tensor([UInt8](), shape: [0, 0, 0]))]
    }
    guard let pixels = image.converted(to: format) else {
      throw call.failure("there is no pixel format '\(format)'")
    }
    let channels = format == "Grayscale" ? 1 : 3
    return [.tensor(Tensor(pixels, shape: [image.height, image.width, channels]))]
  }

  private static func decoder(for bytes: [UInt8]) -> (([UInt8]) -> Image?)? {
    if bytes.starts(with: "BM".utf8) { return Bitmap.decode }
    if bytes.starts(with: [0x89] + Array("PNG\r\n".utf8)) { return PortableNetworkGraphics.decode }
    if bytes.starts(with: Array("II*\0".utf8)) || bytes.starts(with: Array("MM\0*".utf8)) {
      return TaggedImage.decode
    }
    if bytes.count > 2, bytes[0] == UInt8(ascii: "P"), (0x31...0x36).contains(bytes[1]) {
      return PortableAnymap.decode
    }
    return nil
  }
}

/// Numbers in a file, none of which can lead outside of it.
struct ByteReader {
  let bytes: [UInt8]
  var isBigEndian = false

  init(_ bytes: [UInt8], isBigEndian: Bool = false) {
    self.bytes = bytes
    self.isBigEndian = isBigEndian
  }

  /// An unsigned number of `width` bytes.
  func number(at offset: Int, width: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - width else { return nil }
    let part = bytes[offset..<(offset + width)]
    return (isBigEndian ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int($1) }
  }

  func slice(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, count >= 0, offset <= bytes.count - count else { return nil }
    return bytes[offset..<(offset + count)]
  }
}
