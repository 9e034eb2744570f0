internal import CKernels
internal import SurgeonThreads

/// The reference engine's matrix product: blocked, packed, and the same bits for any number of
/// threads, because every element of the result is summed in one order by one thread.
package enum MatrixProduct {
  /// `result = alpha * left * right`, or `result += ...` where `accumulates` is set.
  ///
  /// `left` is `rows` x `depth`, `right` is `depth` x `columns`; element (i, j) of the result goes
  /// to `result[i * resultRowStride + j]`. `threads` as in `SessionOptions`.
  package static func multiply<T: ProductScalar>(
    rows: Int, columns: Int, depth: Int, alpha: T = 1, left: MatrixView<T>, right: MatrixView<T>,
    into result: UnsafeMutablePointer<T>, resultRowStride: Int, accumulates: Bool = false,
    threads: Int
  ) {
    guard rows > 0, columns > 0 else { return }
    guard depth > 0 else {
      guard !accumulates else { return }
      for row in 0..<rows {
        (result + row * resultRowStride).update(repeating: 0, count: columns)
      }
      return
    }
    withPacked(left, rows: rows, depth: depth, alpha: alpha, threads: threads) { packed in
      let product = PackedProduct(
        rows: rows, columns: columns, depth: depth, packed: packed, right: right, window: nil,
        result: result, resultRowStride: resultRowStride, accumulates: accumulates)
      compute([product], threads: threads)
    }
  }

  /// Calls `body` with `alpha * matrix` packed as left factor.
  package static func withPacked<T: ProductScalar>(
    _ matrix: MatrixView<T>, rows: Int, depth: Int, alpha: T, threads: Int,
    _ body: (UnsafePointer<T>) -> Void
  ) {
    let packed = aligned(packedCount(rows: rows, depth: depth, T.self), T.self)
    defer { packed.deallocate() }
    pack(matrix, rows: rows, depth: depth, alpha: alpha, threads: threads, into: packed)
    body(UnsafePointer(packed))
  }

  /// Elements that a packed left factor takes.
  package static func packedCount<T: ProductScalar>(rows: Int, depth: Int, _ type: T.Type) -> Int {
    let height = Int(T.tile.rows)
    return (rows + height - 1) / height * height * depth
  }

  package static func pack<T: ProductScalar>(
    _ matrix: MatrixView<T>, rows: Int, depth: Int, alpha: T, threads: Int,
    into packed: UnsafeMutablePointer<T>
  ) {
    let height = Int(T.tile.rows)
    let tiles = (rows + height - 1) / height
    // Below some 32 Ki elements a second thread costs more than it saves.
    let perTask = max(1, min(tiles, (1 << 15) / max(1, height * depth)))
    ThreadPool.shared.run(count: (tiles + perTask - 1) / perTask, threads: threads) { task in
      let range = task * perTask..<min(tiles, (task + 1) * perTask)
      T.pack(matrix, rows: rows, depth: depth, alpha: alpha, tiles: range, into: packed)
    }
  }

  /// Computes products of one size, cut into as many tasks as the threads want.
  package static func compute<T: ProductScalar>(_ products: [PackedProduct<T>], threads: Int) {
    guard let first = products.first else { return }
    let tile = T.tile
    let workers = threads > 0 ? threads : ThreadPool.processorCount
    // Eight tiles of the right factor's columns and one slice of its depth fill half a level-2
    // cache at most.
    let width = Int(tile.columns) * 8
    let columnBlocks = (first.columns + width - 1) / width
    // Where the columns do not keep everybody busy, cut the rows too; each cut packs the right
    // factor again, so a part has at least eight tiles.
    let height = Int(tile.rows)
    let rowTiles = (first.rows + height - 1) / height
    let wanted = max(1, workers * 4 / (columnBlocks * products.count))
    let parts = workers == 1 ? 1 : max(1, min(wanted, rowTiles / 8))
    let tilesPerPart = (rowTiles + parts - 1) / parts
    let rowBlocks = (rowTiles + tilesPerPart - 1) / tilesPerPart
    ThreadPool.shared.run(
      count: products.count * columnBlocks * rowBlocks,
      threads: first.rows * first.columns * first.depth < 1 << 16 ? 1 : threads
    ) { task in
      let scratch = aligned(Int(tile.depth) * width, T.self)
      defer { scratch.deallocate() }
      let column = task / rowBlocks % columnBlocks * width
      let row = task % rowBlocks * tilesPerPart * height
      T.multiply(
        products[task / (rowBlocks * columnBlocks)],
        rows: row..<min(first.rows, row + tilesPerPart * height),
        columns: column..<min(first.columns, column + width), scratch: scratch)
    }
  }

  /// Uninitialised memory aligned for the widest vectors.
  package static func aligned<T: ProductScalar>(_ count: Int, _ type: T.Type)
    -> UnsafeMutablePointer<T>
  {
    let bytes = max(1, count) * MemoryLayout<T>.stride
    return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: T.self, capacity: count)
  }
}
