internal import SurgeonIR

/// Signal processing. Complex numbers are a last axis of 2.
enum Signal {
  /// HannWindow and the like: [size].
  static func window(_ node: inout NodeInference) throws(SurgeonError) {
    let size = try node.contents(0)?.elements.first?.dimension ?? .unknown
    node.set(node.elementType(attribute: "output_datatype") ?? .float32, [size])
  }

  /// DFT: input, dft_length, axis (an attribute before opset 20).
  static func fourier(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    node.set(node.elementType(0), .ofRank(x.rank))
    try node.requireRank(0, 2...Int.max)
    var given = node.int("axis") ?? (node.opset < 20 ? 1 : -2)
    if node.has(2) {
      guard let axis = try node.integers(2)?.first else { return keepSizes(&node, x) }
      given = axis
    }
    let axis = try node.axis(given, rank: x.rank)
    var dimensions = x.dimensions
    if node.has(1) {
      dimensions[axis] = try node.contents(1)?.elements.first?.dimension ?? .unknown
    }
    let isOneSided = node.int("onesided", default: 0) != 0
    let isInverse = node.int("inverse", default: 0) != 0
    if isOneSided, isInverse {
      // The other half follows by symmetry; the result is real.
      if !node.has(1) { dimensions[axis] = dimensions[axis].map { 2 * ($0 - 1) } }
      dimensions[x.rank - 1] = .known(1)
    } else {
      if isOneSided { dimensions[axis] = dimensions[axis].map { $0 / 2 + 1 } }
      dimensions[x.rank - 1] = .known(2)
    }
    node.set(node.elementType(0), dimensions)
  }

  /// The axis is not known: where the transform keeps its size, that does not matter.
  private static func keepSizes(_ node: inout NodeInference, _ x: Shape) {
    let isSameSize = node.int("onesided", default: 0) == 0 && !node.has(1)
    let sizes = isSameSize ? x.dimensions : Shape.ofRank(x.rank).dimensions
    let isReal = node.int("onesided", default: 0) != 0 && node.int("inverse", default: 0) != 0
    node.set(node.elementType(0), sizes.dropLast() + [.known(isReal ? 1 : 2)])
  }

  /// STFT: signal [N, length, 1 or 2], frame_step, window, frame_length -> [N, frames, bins, 2].
  static func shortTimeFourier(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), .ofRank(4))
    guard let x = node.shape(0) else { return }
    try node.requireRank(0, 2...3)
    let step = try node.integers(1)?.first
    var length = node.has(3) ? try node.integers(3)?.first : nil
    if length == nil, !node.has(3) { length = node.shape(2)?.dimensions.first?.value }
    var frames = Dimension.unknown
    var bins = Dimension.unknown
    if let length, length > 0 {
      bins = .known(node.int("onesided", default: 1) != 0 ? length / 2 + 1 : length)
      if let step, step > 0, let size = x[1].value {
        guard size >= length else {
          throw node.error("a frame of \(length) is longer than \(node.describe(0))")
        }
        frames = .known((size - length) / step + 1)
      }
    }
    node.set(node.elementType(0), [x[0], frames, bins, .known(2)])
  }

  /// MelWeightMatrix: [dft_length / 2 + 1, num_mel_bins].
  static func melWeights(_ node: inout NodeInference) throws(SurgeonError) {
    let bins = try node.contents(0)?.elements.first?.dimension ?? .unknown
    let length = try node.contents(1)?.elements.first?.dimension ?? .unknown
    node.set(
      node.elementType(attribute: "output_datatype") ?? .float32, [length.map { $0 / 2 + 1 }, bins])
  }
}
