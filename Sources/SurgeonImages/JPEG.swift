internal import CTurboJPEG

/// JPEG, through libjpeg-turbo, with the accurate transform.
enum JPEG {
  static func decode(_ bytes: [UInt8]) -> Image? {
    guard let decoder = tjInitDecompress() else { return nil }
    defer { tjDestroy(decoder) }
    return bytes.withUnsafeBufferPointer { source -> Image? in
      var (width, height, sampling, space) = (Int32(0), Int32(0), Int32(0), Int32(0))
      let length = UInt(source.count)
      guard
        tjDecompressHeader3(
          decoder, source.baseAddress, length, &width, &height, &sampling, &space) == 0,
        width > 0, height > 0
      else { return nil }
      let count = Int(width) * Int(height) * 3
      var pixels = [UInt8](repeating: 0, count: count)
      let status = tjDecompress2(
        decoder, source.baseAddress, length, &pixels, width, 0, height, Int32(TJPF_RGB.rawValue), 0)
      // Warnings (a truncated last row, say) leave an image as every viewer shows it.
      guard status == 0 || tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue) else {
        return nil
      }
      return Image(width: Int(width), height: Int(height), channels: 3, pixels: pixels)
    }
  }
}
