internal import SurgeonIR

/// Operators that resample spatial axes.
enum Resizing {
  /// Resize: inputs X, scales in opset 10; X, roi, scales, sizes from 11 on. `axes` (18 on) name
  /// what scales and sizes are for.
  static func resize(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    let axes = try node.axes(node.ints("axes") ?? Array(0..<x.rank), rank: x.rank)
    node.set(
      node.elementType(0),
      x.dimensions.enumerated().map { axes.contains($0.offset) ? .unknown : $0.element })
    if node.opset >= 11, node.has(3) {
      guard let sizes = try node.contents(3)?.elements else { return }
      try requireCount(sizes.count, of: "sizes", axes.count, node)
      return node.set(node.elementType(0), resized(x, axes: axes, to: sizes, node))
    }
    let input = node.opset < 11 ? 1 : 2
    guard let scales = try node.contents(input)?.reals, !scales.isEmpty else { return }
    try requireCount(scales.count, of: "scales", axes.count, node)
    node.set(node.elementType(0), scaled(x, axes: axes, by: scales))
  }

  /// Upsample: scales are attributes before opset 9, an input there.
  static func upsample(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    node.set(node.elementType(0), .ofRank(x.rank))
    let scales: [Double]
    if let height = node.float("height_scale"), let width = node.float("width_scale"), x.rank == 4 {
      scales = [1, 1, height, width]
    } else if let given = node.floats("scales") {
      scales = given
    } else if let given = try node.contents(1)?.reals {
      scales = given
    } else {
      return
    }
    try requireCount(scales.count, of: "scales", x.rank, node)
    node.set(node.elementType(0), scaled(x, axes: Array(0..<x.rank), by: scales))
  }

  private static func requireCount(
    _ count: Int, of name: String, _ wanted: Int, _ node: borrowing NodeInference
  ) throws(SurgeonError) {
    guard count == wanted else {
      throw node.error("\(count) \(name) are given for \(wanted) axes of \(node.describe(0))")
    }
  }

  private static func scaled(_ x: Shape, axes: [Int], by scales: [Double]) -> [Dimension] {
    var dimensions = x.dimensions
    for (axis, scale) in zip(axes, scales) where scale != 1 {
      // Scales are Float32 numbers, and so is the product that is rounded down.
      dimensions[axis] =
        x[axis].value.flatMap { Int(exactly: (Float($0) * Float(scale)).rounded(.down)) }
        .map { .known(max($0, 0)) } ?? .unknown
    }
    return dimensions
  }

  private static func resized(
    _ x: Shape, axes: [Int], to sizes: [Contents.Element], _ node: borrowing NodeInference
  ) -> [Dimension] {
    var dimensions = x.dimensions
    let policy = node.string("keep_aspect_ratio_policy") ?? "stretch"
    guard policy != "stretch" else {
      for (axis, size) in zip(axes, sizes) { dimensions[axis] = size.dimension }
      return dimensions
    }
    // One scale for all axes: the smallest or the largest of those that the sizes ask for.
    var scales: [Float] = []
    for (axis, size) in zip(axes, sizes) {
      guard let from = x[axis].value, let to = size.dimension.value, from > 0 else { break }
      scales.append(Float(to) / Float(from))
    }
    let scale = policy == "not_larger" ? scales.min() : scales.max()
    for axis in axes {
      dimensions[axis] =
        scales.count == axes.count
        ? x[axis].value.flatMap {
          Int(exactly: (Float($0) * (scale ?? 1)).rounded(.toNearestOrAwayFromZero))
        }.map { .known($0) } ?? .unknown
        : .unknown
    }
    return dimensions
  }
}
