internal import CKernels

/// How many results of each axis a product computes from one copy of what they read.
struct BlockSizes {
  let blocks: [Int]
  var columns: Int { blocks.reduce(1, *) }

  /// The copy stays in a level-2 cache, with room for the rest.
  private static let copyLimit = 300 << 10
  /// Results of a block at most, and what it takes to read the left factor once for each block.
  private static let (mostColumns, fewestColumns) = (384, 96)

  init(_ shape: ProductPlan.Shape, elementSize: Int, workers: Int) {
    var limit = Self.mostColumns
    // Few rows are not cut for threads, so there must be blocks for everybody.
    if workers > 1, shape.rows < 32 {
      limit = max(Self.fewestColumns, min(limit, shape.columns / (4 * workers)))
    }
    let axes = shape.axes
    var blocks = [1, 1, Self.evenly(axes[2].output, limit)]
    if blocks[2] == axes[2].output {
      blocks[1] = Self.evenly(axes[1].output, limit / max(1, blocks[2]))
      if blocks[1] == axes[1].output {
        blocks[0] = Self.evenly(axes[0].output, limit / max(1, blocks[2] * blocks[1]))
      }
    }
    let taps = max(1, shape.leftTaps.count)
    let channels = min(shape.channels, Int(ck_slice_depth()) / taps + 2)
    while true {
      let layouts = zip(axes, blocks).map { $0.layout(block: $1) }
      if channels * Self.channelSize(layouts) * elementSize <= Self.copyLimit { break }
      if let axis = blocks.firstIndex(where: { $0 > 1 }), axis < 2 || blocks[2] > 48 {
        blocks[axis] = Self.evenly(axes[axis].output, (blocks[axis] + 1) / 2)
      } else {
        break
      }
    }
    self.blocks = blocks
  }

  /// For the kernel of depthwise convolutions, which takes results line by line: whole planes where
  /// their copies stay in a level-1 cache. Volumes may fill the next one, since a block of few planes
  /// would copy most of them once more than it computes.
  init(depthwise shape: ProductPlan.Shape, elementSize: Int) {
    let axes = shape.axes
    let limit = axes[0].taps.count > 1 ? Self.copyLimit : 24 << 10
    let shortest = [4, 4, 256]
    var blocks = axes.map(\.output)
    while true {
      let size = Self.channelSize(zip(axes, blocks).map { $0.layout(block: $1) })
      guard shape.channels * size * elementSize > limit,
        let axis = axes.indices.first(where: { blocks[$0] > shortest[$0] })
      else { break }
      blocks[axis] = (blocks[axis] + 1) / 2
    }
    self.blocks = blocks
  }

  /// For the kernel of few rows, whose sums stay in a cache.
  init(fewRows shape: ProductPlan.Shape, workers: Int) {
    let columns = shape.axes[2].output
    var limit = 16_384 / max(1, shape.rows)
    // Tiles are of 48 Float32 columns or 24 Float64 ones.
    if shape.axes[2].sourceStep != 1 {
      if workers > 1 { limit = min(limit, max(48, columns / (8 * workers) / 48 * 48)) }
    } else if workers > 1 {
      // Long lines are read faster, so that there are no more pieces than it takes to share them.
      limit = min(limit, max(Self.fewestColumns, columns / (2 * workers)))
    }
    var parts = max(1, (columns + limit - 1) / limit)
    // As many for each thread.
    if parts > 1 { parts = (parts + workers - 1) / workers * workers }
    blocks = [1, 1, parts == 1 ? columns : ((columns + parts - 1) / parts + 47) / 48 * 48]
  }

  /// Parts of `size` of about one length, `limit` at most; a whole number of tiles where there is more
  /// than one.
  private static func evenly(_ size: Int, _ limit: Int) -> Int {
    let parts = (size + limit - 1) / max(1, limit)
    guard limit >= 1, parts > 1 else { return limit >= 1 ? max(1, size) : 1 }
    let length = (size + parts - 1) / parts
    let tile = 24
    return length > tile ? min(limit, (length + tile - 1) / tile * tile) : length
  }

  /// Elements of the copy for each channel: whole cache lines, an odd number of them, so that channels
  /// do not compete for the same places of a cache.
  static func channelSize(_ layouts: [ProductAxis.Layout]) -> Int {
    let count = layouts.reduce(1) { $0 * $1.count }
    let lines = (count + 15) / 16
    return (lines | 1) * 16
  }
}
