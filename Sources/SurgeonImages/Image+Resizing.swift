extension Image {
  /// The image stretched to another size: bilinear, with a filter as wide as the step between
  /// pixels where the image gets smaller (antialiasing).
  ///
  /// Columns first, then rows, each pass rounded to 8 bits, with weights in 22 fractional bits: the
  /// result is that of Pillow's `resize` with `BILINEAR`, up to one level where Pillow takes the
  /// rows first.
  ///
  /// - Returns: nil where a size is not positive, or larger than images can be.
  public func resized(width newWidth: Int, height newHeight: Int) -> Image? {
    guard newWidth > 0, newHeight > 0, newWidth < 1 << 20, newHeight < 1 << 20 else { return nil }
    var pixels = pixels
    if newWidth != width {
      let taps = Self.taps(from: width, to: newWidth)
      pixels = Self.filter(
        pixels, taps, lines: height, line: (width * channels, newWidth * channels),
        step: (channels, channels), repeats: channels)
    }
    if newHeight != height {
      let taps = Self.taps(from: height, to: newHeight)
      let row = newWidth * channels
      // Down the rows, all columns and channels side by side.
      pixels = Self.filter(
        pixels, taps, lines: 1, line: (0, 0), step: (row, row), repeats: row)
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: pixels)
  }

  /// The pixels that one new pixel is a weighted mean of.
  private struct Taps {
    var first: Int
    var weights: [Int]
  }

  private static let fractionBits = 22

  private static func taps(from count: Int, to newCount: Int) -> [Taps] {
    let scale = Double(count) / Double(newCount)
    let support = max(scale, 1)
    return (0..<newCount).map { index in
      let center = (Double(index) + 0.5) * scale
      let first = max(0, Int(center - support + 0.5))
      let end = min(count, Int(center + support + 0.5))
      let weights = (first..<end).map { max(0, 1 - abs((Double($0) - center + 0.5) / support)) }
      let total = weights.reduce(0, +)
      return Taps(
        first: first,
        weights: weights.map { Int(0.5 + $0 / total * Double(1 << fractionBits)) })
    }
  }

  /// - Parameters:
  ///   - line: bytes from one line to the next, before and after.
  ///   - step: bytes from one pixel of a line to the next, before and after.
  ///   - repeats: bytes side by side that are filtered alike.
  private static func filter(
    _ source: [UInt8], _ taps: [Taps], lines: Int, line: (from: Int, to: Int),
    step: (from: Int, to: Int), repeats: Int
  ) -> [UInt8] {
    let half = 1 << (fractionBits - 1)
    var result = [UInt8](repeating: 0, count: lines * max(line.to, taps.count * step.to))
    for index in 0..<lines {
      for (position, tap) in taps.enumerated() {
        let from = index * line.from + tap.first * step.from
        let to = index * line.to + position * step.to
        for offset in 0..<repeats {
          var sum = half
          for (tapIndex, weight) in tap.weights.enumerated() {
            sum += Int(source[from + tapIndex * step.from + offset]) * weight
          }
          result[to + offset] = UInt8(clamping: sum >> fractionBits)
        }
      }
    }
    return result
  }
}
