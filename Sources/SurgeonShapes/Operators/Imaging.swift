internal import SurgeonIR

/// Operators on images, volumes and boxes.
enum Imaging {
  /// GridSample: X [N, C, D1..Dr], grid [N, E1..Er, r] -> [N, C, E1..Er].
  static func gridSample(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    try node.requireRank(0, 3...Int.max)
    guard let grid = node.shape(1) else { return node.set(node.elementType(0), .ofRank(x.rank)) }
    guard grid.rank == x.rank else {
      throw node.error("\(node.describe(1)) does not have the rank of \(node.describe(0))")
    }
    let batch = try node.unify(x[0], grid[0], "\(node.describe(1)) has another batch size")
    node.set(node.elementType(0), [batch, x[1]] + grid.dimensions[1..<grid.rank - 1])
  }

  /// AffineGrid: size [N, C, D1..Dr] -> [N, D1..Dr, r].
  static func affineGrid(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let size = try node.contents(1)?.dimensions else {
      // theta is [N, r, r + 1].
      if let theta = node.shape(0), theta.rank == 3, let spatial = theta[1].value, spatial <= 3 {
        let unknown = Array(repeating: Dimension.unknown, count: spatial)
        node.set(node.elementType(0), [theta[0]] + unknown + [.known(spatial)])
      }
      return
    }
    guard (4...5).contains(size.count) else {
      throw node.error("the size has \(size.count) entries, not 4 or 5")
    }
    node.set(node.elementType(0), [size[0]] + size[2...] + [.known(size.count - 2)])
  }

  /// Col2Im: [N, C * block, L] -> [N, C, image].
  static func columnsToImage(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    try node.requireRank(0, 3...3)
    guard let spatial = node.shape(1)?.dimensions.first?.value, spatial <= 64 else { return }
    let image =
      try node.contents(1)?.dimensions ?? Array(repeating: Dimension.unknown, count: spatial)
    let block = try node.integers(2).map { $0.reduce(1, &*) }
    let x = node.shape(0)
    var channels = Dimension.unknown
    if let columns = x?[1].value, let block, block > 0 {
      guard columns % block == 0 else {
        throw node.error("\(node.describe(0)) has no whole number of blocks of \(block)")
      }
      channels = .known(columns / block)
    }
    node.set(node.elementType(0), [x?[0] ?? .unknown, channels] + image)
  }

  /// CenterCropPad: the given sizes, for all axes or the named ones.
  static func centerCropPad(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    node.set(node.elementType(0), .ofRank(x.rank))
    guard let sizes = try node.contents(1)?.dimensions else { return }
    let axes = try node.axes(node.ints("axes") ?? Array(0..<x.rank), rank: x.rank)
    guard sizes.count == axes.count else {
      throw node.error("\(sizes.count) sizes are given for \(axes.count) axes")
    }
    var dimensions = x.dimensions
    for (axis, size) in zip(axes, sizes) { dimensions[axis] = size }
    node.set(node.elementType(0), dimensions)
  }

  /// RoiAlign: X [N, C, H, W], rois [R, 4] -> [R, C, output_height, output_width].
  static func roiAlign(_ node: inout NodeInference) throws(SurgeonError) {
    try pool(
      &node,
      size: [node.int("output_height", default: 1), node.int("output_width", default: 1)])
  }

  /// MaxRoiPool: the same with rois [R, 5] and the size in pooled_shape.
  static func maxRoiPool(_ node: inout NodeInference) throws(SurgeonError) {
    guard let size = node.ints("pooled_shape"), size.count == 2 else {
      throw node.error("the attribute pooled_shape needs two entries")
    }
    try pool(&node, size: size)
  }

  private static func pool(_ node: inout NodeInference, size: [Int]) throws(SurgeonError) {
    try node.requireRank(0, 4...4)
    try node.requireRank(1, 2...2)
    node.set(
      node.elementType(0),
      [node.shape(1)?[0] ?? .unknown, node.shape(0)?[1] ?? .unknown] + size.map { .known($0) })
  }

  /// NonMaxSuppression: [selected, 3].
  static func nonMaxSuppression(_ node: inout NodeInference) {
    node.set(.int64, [.unknown, .known(3)])
  }

  /// ImageDecoder: [height, width, channels].
  static func decoder(_ node: inout NodeInference) {
    let channels = node.string("pixel_format") == "Grayscale" ? 1 : 3
    node.set(.uint8, [.unknown, .unknown, .known(channels)])
  }
}
