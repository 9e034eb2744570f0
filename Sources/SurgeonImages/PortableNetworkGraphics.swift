internal import CPNG

/// PNG of every kind, through libpng's simplified interface.
///
/// Numbers are what the file holds, as other programs that feed networks have them (Pillow, OpenCV):
/// 16 bits are rounded to 8, and nothing is corrected for the gamma or the colour space of a screen.
enum PortableNetworkGraphics {
  static func decode(_ bytes: [UInt8]) -> Image? {
    let bytes = withoutColourSpace(bytes)
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    return bytes.withUnsafeBytes { source -> Image? in
      guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
        return nil
      }
      let (width, height) = (Int(image.width), Int(image.height))
      guard width > 0, height > 0, width < 1 << 20, height < 1 << 20 else { return nil }
      // Otherwise libpng takes numbers of 16 bits for linear light.
      image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      // With alpha, and then without: asked for RGB alone, libpng would blend with a background.
      image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
      var pixels = [UInt8](repeating: 0, count: width * height * 4)
      guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { return nil }
      var opaque: [UInt8] = []
      opaque.reserveCapacity(width * height * 3)
      for start in stride(from: 0, to: pixels.count, by: 4) {
        opaque += pixels[start..<(start + 3)]
      }
      return Image(width: width, height: height, channels: 3, pixels: opaque)
    }
  }

  /// The file without the chunks that have libpng correct colours.
  private static func withoutColourSpace(_ bytes: [UInt8]) -> [UInt8] {
    var result = Array(bytes.prefix(8))
    var position = 8
    let reader = ByteReader(bytes, isBigEndian: true)
    // Length, type, that many bytes, checksum.
    while position + 12 <= bytes.count, let length = reader.number(at: position, width: 4) {
      let end = min(position + length + 12, bytes.count)
      let type = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
      if !colourSpaceChunks.contains(type) { result += bytes[position..<end] }
      position = end
    }
    return result + bytes[min(position, bytes.count)...]
  }

  private static let colourSpaceChunks: Set<String> = ["gAMA", "cHRM", "sRGB", "iCCP", "cICP"]
}
