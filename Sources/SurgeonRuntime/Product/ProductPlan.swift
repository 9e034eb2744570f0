internal import CKernels
internal import SurgeonThreads

/// How products of one shape are computed: cut into blocks, and where every factor is found.
///
/// Every result is summed in one order, whatever block or tile it falls into and whoever computes it:
/// the summands in the order of channels and taps, in slices of `ck_slice_depth()` whose sums are added
/// one after the other to the bias.
final class ProductPlan: @unchecked Sendable {
  // Unchecked: what the pointers lead to is written by the initializer alone.

  /// What a product multiplies.
  struct Shape {
    /// Rows of the left factor, and how far apart they are.
    var rows: Int
    var leftRowStep: Int
    /// From channel to channel in the left factor, and each tap's place in it.
    var leftChannelStep: Int
    var leftTaps = [0]
    var channels: Int
    /// From channel to channel in the source.
    var channelStep: Int
    /// Elements of the source of one product.
    var sourceCount: Int
    var resultRowStep: Int
    /// For each two rows, where those are not `resultRowStep` apart; see `ck_pair`.
    var pairs: [ck_pair] = []
    /// Outermost first; their taps multiply, in that order.
    var axes: [ProductAxis]

    var depth: Int { channels * leftTaps.count }
    /// Results of a row.
    var columns: Int { axes.reduce(1) { $0 * $1.output } }

    /// The kernel that is fastest; all give the same bits.
    var method: Method {
      guard pairs.isEmpty, axes[2].sourceStep == 1 || channelStep == 1 else { return .general }
      if leftTaps.count > 1 {
        let isNarrow = rows <= 2 || (rows <= 4 && channels == 1)
        let isDense = axes[2].outputStep == 1 && axes[2].sourceStep == 1
        return isNarrow && isDense && depth <= Int(ck_slice_depth()) ? .depthwise : .general
      }
      let isLine = axes[0].output == 1 && axes[1].output == 1 && axes[2].isWhole
      let isFew = rows <= (axes[2].sourceStep == 1 ? Self.fewRows : Self.fewTurnedRows)
      return isLine && isFew ? .fewRows : .general
    }

    /// The most rows that are better off without a copy of the right factor: where its rows lie in
    /// memory, and where its columns do, which have to be turned.
    static let (fewRows, fewTurnedRows) = (16, 4)
  }

  enum Method {
    /// What a block of results reads is copied, and read by every row.
    case general
    /// Depthwise convolutions and others of few filters: what one result reads is shared with its
    /// neighbours and with hardly another row.
    case depthwise
    /// The source is read where it is, because a copy would serve few rows.
    case fewRows
  }

  /// Most of a level-2 cache.
  private static let cacheSize = 3 << 19

  private let product: UnsafeMutablePointer<ck_product>
  private let terms: UnsafeMutablePointer<ck_term>
  /// Those of the axes' bands and taps.
  private let positions: UnsafeMutablePointer<Int64>
  private let pairs: UnsafeMutablePointer<ck_pair>
  private let shape: Shape
  private let method: Method
  private let blocks: Int
  private let columnsPerBlock: Int

  /// - Parameters:
  ///   - products: how many will be computed.
  ///   - threads: as in `SessionOptions`.
  init(_ shape: Shape, products: Int, elementSize: Int, threads: Int) {
    self.shape = shape
    method = shape.method
    let workers = Self.workers(threads)
    let sizes =
      switch method {
      case .general: BlockSizes(shape, elementSize: elementSize, workers: workers)
      case .depthwise: BlockSizes(depthwise: shape, elementSize: elementSize)
      case .fewRows: BlockSizes(fewRows: shape, workers: workers)
      }
    let layouts = zip(shape.axes, sizes.blocks).map { $0.layout(block: $1) }
    let (height, width) = (layouts[1].count, layouts[2].count)

    var slots: [Int] = []
    for z in layouts[0].slots {
      for y in layouts[1].slots {
        for x in layouts[2].slots { slots.append((z * height + y) * width + x) }
      }
    }
    let taps = slots.count
    let channelSize = BlockSizes.channelSize(layouts)
    terms = .allocate(capacity: max(1, shape.depth))
    let slice = Int(ck_slice_depth())
    var position = 0
    for channel in 0..<shape.channels {
      for tap in 0..<taps {
        let first = position / slice * slice / taps
        terms[position] = ck_term(
          a: Int64(channel * shape.leftChannelStep + shape.leftTaps[tap]),
          b: Int64((channel - first) * channelSize + slots[tap]))
        position += 1
      }
    }

    let lists = layouts.map(\.bands) + shape.axes.map(\.taps)
    positions = .allocate(capacity: max(1, lists.reduce(0) { $0 + $1.count }))
    var begins: [UnsafePointer<Int64>] = []
    var next = positions
    for list in lists {
      begins.append(UnsafePointer(next))
      for position in list {
        next.initialize(to: Int64(position))
        next += 1
      }
    }
    func axis(_ i: Int) -> ck_axis {
      let axis = shape.axes[i]
      return ck_axis(
        source: Int64(axis.source), source_step: Int64(axis.sourceStep),
        output: Int64(axis.output), output_step: Int64(axis.outputStep),
        stride: Int64(axis.stride), taps: Int64(axis.taps.count), positions: begins[i + 3],
        block: Int64(sizes.blocks[i]), band_count: Int64(layouts[i].bands.count),
        band_length: Int64(layouts[i].length), bands: begins[i])
    }
    pairs = .allocate(capacity: max(1, shape.pairs.count))
    pairs.initialize(from: shape.pairs, count: shape.pairs.count)
    product = .allocate(capacity: 1)
    product.initialize(
      to: ck_product(
        rows: Int64(shape.rows), depth: Int64(shape.depth), taps: Int64(taps),
        a_row_stride: Int64(shape.leftRowStep), c_row_stride: Int64(shape.resultRowStep),
        pairs: shape.pairs.isEmpty ? nil : UnsafePointer(pairs), terms: terms,
        channel_step: Int64(shape.channelStep), channel_size: Int64(channelSize),
        source_count: Int64(shape.sourceCount), axes: (axis(0), axis(1), axis(2))))
    // Without copies whole planes are one block, where there are enough of them to be shared.
    if method == .depthwise, ck_depthwise_in_place(product) != 0,
      workers == 1 || products >= 4 * workers
    {
      product.pointee.axes.0.block = product.pointee.axes.0.output
      product.pointee.axes.1.block = product.pointee.axes.1.output
      product.pointee.axes.2.block = product.pointee.axes.2.output
      columnsPerBlock = shape.columns
    } else {
      columnsPerBlock = sizes.columns
    }
    blocks = Int(ck_block_count(product))
  }

  deinit {
    product.deallocate()
    terms.deallocate()
    positions.deallocate()
    pairs.deallocate()
  }

  /// Computes the products of a series, which are of this shape, cut into as many pieces as the threads
  /// want.
  func compute<T: ProductScalar>(_ series: ProductSeries<T>, threads: Int) {
    guard method == .depthwise else {
      compute(series.count, as: T.self, threads: threads) { series.write($0, into: $1) }
      return
    }
    let cut = cut(series.count, threads)
    let size = ck_depthwise_scratch_size(
      product, Int64(cut.productsPerPiece), Int64(MemoryLayout<T>.stride))
    share(cut, threads: threads, scratchSize: Int(size), inTurns: false) { piece, scratch in
      T.depthwise(
        product, series, computing: piece.products, block: piece.block, scratch: scratch)
    }
  }

  /// Computes `count` products of this shape, which are no convolution of few filters.
  ///
  /// - Parameter findOperands: writes where some of the products find their factors and put their results.
  ///   Each thread has what it needs next in its cache.
  func compute<T: ProductScalar>(
    _ count: Int, as type: T.Type, threads: Int,
    findOperands: (Range<Int>, UnsafeMutablePointer<T.Operands>) -> Void
  ) {
    let cut = cut(count, threads)
    let element = Int64(MemoryLayout<T>.stride)
    let wanted =
      method == .fewRows
      ? ck_few_rows_scratch_size(product, element) : ck_scratch_size(product, element)
    let size = (Int(wanted) + 63) / 64 * 64
    share(
      cut, threads: threads,
      scratchSize: size + cut.productsPerPiece * MemoryLayout<T.Operands>.stride,
      inTurns: method == .fewRows && readsBeyondCaches(threads, T.self)
    ) { piece, scratch in
      let operands = (scratch + size).bindMemory(
        to: T.Operands.self, capacity: piece.products.count)
      findOperands(piece.products, operands)
      let some = UnsafeBufferPointer(start: operands, count: piece.products.count)
      if method == .fewRows {
        T.fewRows(product, some, block: piece.block, scratch: scratch)
      } else {
        T.multiply(product, some, block: piece.block, rows: piece.rows, scratch: scratch)
      }
    }
  }

  private func share(
    _ cut: Cut, threads: Int, scratchSize: Int, inTurns: Bool,
    _ compute: (Cut.Piece, UnsafeMutableRawPointer) -> Void
  ) {
    ThreadPool.shared.run(
      count: cut.pieces, threads: threads, nanoseconds: cut.nanoseconds, scratchSize: scratchSize,
      inTurns: inTurns
    ) { compute(cut.piece($0), $1) }
  }

  private func cut(_ products: Int, _ threads: Int) -> Cut {
    Cut(
      shape, products: products, blocks: blocks, columnsPerBlock: columnsPerBlock,
      workers: Self.workers(threads))
  }

  private static func workers(_ threads: Int) -> Int {
    threads > 0 ? threads : ThreadPool.processorCount
  }

  /// True where the source of a product is more than stays in the caches of as many threads from run to run.
  private func readsBeyondCaches<T>(_ threads: Int, _ type: T.Type) -> Bool {
    shape.sourceCount * MemoryLayout<T>.stride > Self.workers(threads) * Self.cacheSize
  }
}

extension ProductPlan {
  /// How work is cut into pieces for threads. No result depends on it.
  private struct Cut {
    /// Some rows of a block of some products.
    struct Piece {
      let products: Range<Int>
      let block: Int
      let rows: Range<Int>
    }

    let productsPerPiece: Int
    let pieces: Int
    /// About what one thread takes for all of it.
    let nanoseconds: Int
    private let products: Int
    private let blocks: Int
    private let rows: Int
    private let rowsPerPart: Int
    private let rowParts: Int

    init(_ shape: Shape, products: Int, blocks: Int, columnsPerBlock: Int, workers: Int) {
      self.products = products
      self.blocks = blocks
      rows = shape.rows
      let perColumn = Double(shape.rows) * Double(shape.depth)
      nanoseconds = Int(min(1e15, perColumn * Double(products) * Double(shape.columns) / 32))
      // Small products are done several at a time, but so that each thread gets some. A piece takes some
      // microseconds, beside which it is little to begin it, and there are enough to wait for the last
      // one shortly.
      let wantedPieces = workers * min(8, max(2, nanoseconds / (4000 * workers)))
      let several = max(1, Int(262_144 / max(1, perColumn * Double(columnsPerBlock))))
      productsPerPiece = max(
        1,
        min(
          several, products,
          workers == 1 ? products : (products * blocks + wantedPieces - 1) / wantedPieces))
      let chunks = (products + productsPerPiece - 1) / productsPerPiece
      // Where that does not keep everybody busy, cut the rows too; each part makes the copy of the
      // source again, so it has at least sixteen rows.
      let wanted = workers == 1 ? 1 : (4 * workers + chunks * blocks - 1) / (chunks * blocks)
      let parts = max(1, min(wanted, shape.rows / 16))
      rowsPerPart = ((shape.rows + parts - 1) / parts + 7) / 8 * 8
      rowParts = (shape.rows + rowsPerPart - 1) / rowsPerPart
      pieces = chunks * blocks * rowParts
    }

    func piece(_ index: Int) -> Piece {
      let first = index / (blocks * rowParts) * productsPerPiece
      let row = index % rowParts * rowsPerPart
      return Piece(
        products: first..<min(products, first + productsPerPiece),
        block: index / rowParts % blocks, rows: row..<min(rows, row + rowsPerPart))
    }
  }
}
