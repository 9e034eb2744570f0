/// Pixels of 8 bits, row by row, with their channels side by side.
public struct Image: Sendable {
  public let width: Int
  public let height: Int
  /// 1 (grey) or 3 (red, green, blue).
  public let channels: Int
  public let pixels: [UInt8]

  /// - Returns: nil where the numbers do not fit together.
  public init?(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    guard width > 0, height > 0, width < 1 << 20, height < 1 << 20,
      pixels.count == width * height * channels
    else { return nil }
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// The pixels as "RGB", "BGR" or "Grayscale", nil for another word.
  public func converted(to format: String) -> [UInt8]? {
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

extension Image {
  /// The formats that `decode` reads, for messages.
  public static let formats = "BMP, JPEG, PNG, PNM and TIFF"

  /// What became of a file's bytes.
  public enum Decoded: Sendable {
    case image(Image)
    /// The bytes begin as one of the formats and do not go on as it, or use a part of it that is
    /// not read (such as compressed TIFF).
    case damaged
    case unknownFormat
  }

  /// Reads an image file. PNG and JPEG go through their libraries.
  public static func decode(_ bytes: [UInt8]) -> Decoded {
    guard let decoder = decoder(for: bytes) else { return .unknownFormat }
    return decoder(bytes).map { .image($0) } ?? .damaged
  }

  private static func decoder(for bytes: [UInt8]) -> (([UInt8]) -> Image?)? {
    if bytes.starts(with: [0x89] + Array("PNG\r\n".utf8)) { return PortableNetworkGraphics.decode }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return JPEG.decode }
    if bytes.starts(with: "BM".utf8) { return Bitmap.decode }
    if bytes.starts(with: Array("II*\0".utf8)) || bytes.starts(with: Array("MM\0*".utf8)) {
      return TaggedImage.decode
    }
    if bytes.count > 2, bytes[0] == UInt8(ascii: "P"), (0x31...0x36).contains(bytes[1]) {
      return PortableAnymap.decode
    }
    return nil
  }
}
