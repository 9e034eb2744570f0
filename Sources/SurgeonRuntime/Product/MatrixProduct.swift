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

/// The reference engine's matrix product: blocked, and the same bits for any number of threads.
package enum MatrixProduct {
  /// Where the factors and the result of one product of a stack begin, in elements from the bases.
  package struct Place {
    let left: Int
    let right: Int
    let result: Int

    package init(left: Int = 0, right: Int = 0, result: Int = 0) {
      self.left = left
      self.right = right
      self.result = result
    }
  }

  /// `result = left * right`, for every product of a stack.
  ///
  /// `left` is `rows` x `depth`, `right` is `depth` x `columns`; element (i, j) of the result goes
  /// to `result[i * resultRowStride + j]`. `threads` as in `SessionOptions`.
  package static func multiply<T: ProductScalar>(
    rows: Int, columns: Int, depth: Int, left: MatrixView<T>, right: MatrixView<T>,
    into result: UnsafeMutablePointer<T>, resultRowStride: Int, stack: [Place] = [Place()],
    threads: Int
  ) {
    guard rows > 0, columns > 0, !stack.isEmpty else { return }
    guard depth > 0 else {
      for place in stack {
        for row in 0..<rows {
          (result + place.result + row * resultRowStride).update(repeating: 0, count: columns)
        }
      }
      return
    }
    // The transposed product has few rows where this one has few columns. Otherwise the right factor
    // is copied by rows: where its columns lie in memory (weights of a fully connected layer), the
    // transposed product copies the smaller factor instead, unless few rows read it where it is.
    let isTurned =
      rows > columns
      ? (left.rowStride == 1 && columns <= ProductPlan.Shape.fewRows)
        || (left.columnStride == 1 && columns <= ProductPlan.Shape.fewTurnedRows)
      : right.columnStride != 1
        && !(right.rowStride == 1 && rows <= ProductPlan.Shape.fewTurnedRows)
    let a = isTurned ? right.transposed : left
    let b = isTurned ? left.transposed : right
    let (m, n) = isTurned ? (columns, rows) : (rows, columns)
    let shape = ProductPlan.Shape(
      rows: m, leftRowStep: a.rowStride, leftChannelStep: a.columnStride, channels: depth,
      channelStep: b.rowStride,
      sourceCount: (depth - 1) * b.rowStride + (n - 1) * b.columnStride + 1,
      resultRowStep: isTurned ? 1 : resultRowStride,
      axes: [
        .single, .single,
        ProductAxis(
          source: n, sourceStep: b.columnStride, output: n,
          outputStep: isTurned ? resultRowStride : 1),
      ])
    let plan = ProductPlan(
      shape, products: stack.count, elementSize: MemoryLayout<T>.stride, threads: threads)
    plan.compute(stack.count, as: T.self, threads: threads) { products, operands in
      for (index, place) in stack[products].enumerated() {
        (operands + index).initialize(
          to: T.operands(
            a: a.base + (isTurned ? place.right : place.left),
            b: b.base + (isTurned ? place.left : place.right), bias: nil, c: result + place.result))
      }
    }
  }
}

extension MatrixView {
  fileprivate var transposed: MatrixView {
    MatrixView(base: base, rowStride: columnStride, columnStride: rowStride)
  }
}
