package import CKernels
package import SurgeonIR

/// An element type that has a blocked matrix product: Float and Double.
package protocol ProductScalar: Scalar, BinaryFloatingPoint {
  /// The part of the result that stays in registers, and the summands added meanwhile.
  static var tile: ck_tile { get }

  /// Packs row tiles of `alpha` times `a` for `multiply`.
  static func pack(
    _ a: MatrixView<Self>, rows: Int, depth: Int, alpha: Self, tiles: Range<Int>,
    into packed: UnsafeMutablePointer<Self>)

  /// Computes a rectangle of a product; see `ck_multiply_f32`.
  static func multiply(
    _ product: PackedProduct<Self>, rows: Range<Int>, columns: Range<Int>,
    scratch: UnsafeMutablePointer<Self>)

  /// Adds a convolution with few outputs to `y`; see `ck_correlate_f32`.
  static func correlate(
    _ window: ck_window, channels: Int, x: UnsafePointer<Self>, weights: UnsafePointer<Self>,
    rows: Range<Int>, y: UnsafeMutablePointer<Self>)
}

/// A matrix somewhere in memory: element (i, j) at `base[i * rowStride + j * columnStride]`.
package struct MatrixView<T> {
  package let base: UnsafePointer<T>
  package let rowStride: Int
  package let columnStride: Int

  package init(base: UnsafePointer<T>, rowStride: Int, columnStride: Int) {
    self.base = base
    self.rowStride = rowStride
    self.columnStride = columnStride
  }
}

/// A product whose left factor is packed.
package struct PackedProduct<T> {
  package let rows: Int
  package let columns: Int
  package let depth: Int
  package let packed: UnsafePointer<T>
  /// The right factor, or the image that `window` unrolls.
  package let right: MatrixView<T>
  package let window: ck_window?
  package let result: UnsafeMutablePointer<T>
  package let resultRowStride: Int
  package let accumulates: Bool

  /// Calls `body` with the window in memory, as C takes it.
  func withWindow(_ body: (UnsafePointer<ck_window>?) -> Void) {
    if let window { withUnsafePointer(to: window, body) } else { body(nil) }
  }
}

extension Float: ProductScalar {
  package static var tile: ck_tile { ck_tile_f32() }

  package static func pack(
    _ a: MatrixView<Float>, rows: Int, depth: Int, alpha: Float, tiles: Range<Int>,
    into packed: UnsafeMutablePointer<Float>
  ) {
    ck_pack_f32(
      a.base, Int64(a.rowStride), Int64(a.columnStride), Int64(rows), Int64(depth), alpha,
      Int64(tiles.lowerBound), Int64(tiles.upperBound), packed)
  }

  package static func multiply(
    _ p: PackedProduct<Float>, rows: Range<Int>, columns: Range<Int>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    p.withWindow { window in
      var product = ck_product_f32(
        rows: Int64(p.rows), columns: Int64(p.columns), depth: Int64(p.depth), packed: p.packed,
        b: p.right.base, b_row_stride: Int64(p.right.rowStride),
        b_column_stride: Int64(p.right.columnStride), window: window, c: p.result,
        c_row_stride: Int64(p.resultRowStride), accumulates: p.accumulates ? 1 : 0)
      ck_multiply_f32(
        &product, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(columns.lowerBound),
        Int64(columns.upperBound), scratch)
    }
  }

  package static func correlate(
    _ window: ck_window, channels: Int, x: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    rows: Range<Int>, y: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: window) {
      ck_correlate_f32(
        $0, Int64(channels), x, weights, Int64(rows.lowerBound), Int64(rows.upperBound), y)
    }
  }
}

extension Double: ProductScalar {
  package static var tile: ck_tile { ck_tile_f64() }

  package static func pack(
    _ a: MatrixView<Double>, rows: Int, depth: Int, alpha: Double, tiles: Range<Int>,
    into packed: UnsafeMutablePointer<Double>
  ) {
    ck_pack_f64(
      a.base, Int64(a.rowStride), Int64(a.columnStride), Int64(rows), Int64(depth), alpha,
      Int64(tiles.lowerBound), Int64(tiles.upperBound), packed)
  }

  package static func multiply(
    _ p: PackedProduct<Double>, rows: Range<Int>, columns: Range<Int>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    p.withWindow { window in
      var product = ck_product_f64(
        rows: Int64(p.rows), columns: Int64(p.columns), depth: Int64(p.depth), packed: p.packed,
        b: p.right.base, b_row_stride: Int64(p.right.rowStride),
        b_column_stride: Int64(p.right.columnStride), window: window, c: p.result,
        c_row_stride: Int64(p.resultRowStride), accumulates: p.accumulates ? 1 : 0)
      ck_multiply_f64(
        &product, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(columns.lowerBound),
        Int64(columns.upperBound), scratch)
    }
  }

  package static func correlate(
    _ window: ck_window, channels: Int, x: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    rows: Range<Int>, y: UnsafeMutablePointer<Double>
  ) {
    withUnsafePointer(to: window) {
      ck_correlate_f64(
        $0, Int64(channels), x, weights, Int64(rows.lowerBound), Int64(rows.upperBound), y)
    }
  }
}
