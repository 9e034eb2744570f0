/// One axis of a product's right factor and of its result: which elements of the source the results
/// along it read. Sizes and steps count elements.
struct ProductAxis {
  var source: Int
  /// How far apart neighbours are in memory.
  var sourceStep: Int
  var output: Int
  var outputStep: Int
  /// From what one result reads to what the next one reads.
  var stride = 1
  /// For each tap the element that result 0 reads: negative in the padding.
  var taps = [0]

  /// An axis with nothing along it.
  static let single = ProductAxis(source: 1, sourceStep: 0, output: 1, outputStep: 0)

  /// True where each result reads the element of its own position.
  var isWhole: Bool { stride == 1 && taps == [0] && output <= source }

  /// How what `block` results read is copied: see `ck_axis`.
  func layout(block: Int) -> Layout {
    guard let first = taps.min(), let last = taps.max() else {
      return Layout(bands: [], length: 0, slots: [])
    }
    // One band for each remainder that a tap leaves, or one for each tap, whichever is less.
    let phases = Set(taps.map { ($0 - first) % stride }).sorted()
    let length = block + (last - first) / stride
    guard phases.count * length <= taps.count * block else {
      return Layout(bands: taps, length: block, slots: taps.indices.map { $0 * block })
    }
    let slots = taps.map { tap in
      let band = phases.firstIndex(of: (tap - first) % stride) ?? 0
      return band * length + (tap - first) / stride
    }
    return Layout(bands: phases.map { $0 + first }, length: length, slots: slots)
  }

  struct Layout {
    let bands: [Int]
    /// Elements of a band.
    let length: Int
    /// For each tap where the copy has what the block's first result reads.
    let slots: [Int]

    var count: Int { bands.count * length }
  }
}
