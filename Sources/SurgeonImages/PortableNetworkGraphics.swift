internal import CPNG

/// PNG of every kind, through libpng's simplified interface.
enum PortableNetworkGraphics {
  static func decode(_ bytes: [UInt8]) -> Image? {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    return bytes.withUnsafeBytes { source -> Image? in
      guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
        return nil
      }
      let (width, height) = (Int(image.width), Int(image.height))
      guard width > 0, height > 0, width < 1 << 20, height < 1 << 20 else { return nil }
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
}
