internal import SurgeonIR

/// An Einsum of two operands as a stack of matrix products.
///
/// Each letter belongs to the stack (both operands and the output have it), to the rows or columns (one
/// operand and the output), or to the depth (both operands, summed).
struct EinsumProduct {
  /// Letters of one kind: their sizes, and how far each operand and the output moves with them.
  private struct Letters {
    var sizes: [Int] = []
    var indices: [Int] = []
    var count: Int { sizes.reduce(1, *) }

    /// The positions of all combinations, the last letter fastest.
    func positions(_ strides: [Int]) -> [Int] {
      var result = [0]
      for (size, index) in zip(sizes, indices) {
        result = result.flatMap { start in (0..<size).map { start + $0 * strides[index] } }
      }
      return result
    }
  }

  private var stack = Letters()
  private var rows = Letters()
  private var columns = Letters()
  private var depth = Letters()
  private let strides: [[Int]]

  /// Nil where there are not two operands, or one has a letter to sum that the other lacks.
  ///
  /// - Parameters:
  ///   - sizes: of all letters, those of the output first.
  ///   - strides: how far each operand moves with each letter.
  init?(sizes: [Int], outputCount: Int, strides: [[Int]]) {
    guard strides.count == 2 else { return nil }
    self.strides = strides
    for (letter, size) in sizes.enumerated() where size > 1 {
      func add(to letters: WritableKeyPath<EinsumProduct, Letters>) {
        self[keyPath: letters].sizes.append(size)
        self[keyPath: letters].indices.append(letter)
      }
      switch (strides[0][letter] != 0, strides[1][letter] != 0, letter < outputCount) {
      case (true, true, true): add(to: \.stack)
      case (true, false, true): add(to: \.rows)
      case (false, true, true): add(to: \.columns)
      case (true, true, false): add(to: \.depth)
      default: return nil
      }
    }
  }

  func run<T: Arithmetic>(
    _ operands: [View<T>], _ call: KernelCall, into y: Output<T>, _ outputStrides: [Int]
  ) throws(SurgeonError) {
    let (m, n, k) = (rows.count, columns.count, depth.count)
    let (a, b) = (operands[0], operands[1])
    let left = try call.output([m, k], of: T.self)
    let right = try call.output([n, k], of: T.self)
    let result = try call.output([m, n], of: T.self)
    let (aRows, aDepth) = (rows.positions(strides[0]), depth.positions(strides[0]))
    let (bColumns, bDepth) = (columns.positions(strides[1]), depth.positions(strides[1]))
    let (yRows, yColumns) = (rows.positions(outputStrides), columns.positions(outputStrides))
    let starts = zip(stack.positions(strides[0]), stack.positions(strides[1]))
    for ((aStart, bStart), yStart) in zip(starts, stack.positions(outputStrides)) {
      gather(a.base + aStart, aRows, aDepth, into: left.base)
      gather(b.base + bStart, bColumns, bDepth, into: right.base)
      call.multiply(
        rows: m, columns: n, depth: k,
        left: MatrixView(base: UnsafePointer(left.base), rowStride: k, columnStride: 1),
        right: MatrixView(base: UnsafePointer(right.base), rowStride: 1, columnStride: k),
        into: result.base)
      for (row, start) in yRows.enumerated() {
        for (column, offset) in yColumns.enumerated() {
          y.base[yStart + start + offset] = result.base[row * n + column]
        }
      }
    }
    withExtendedLifetime((operands, left, right, result, y)) {}
  }

  private func gather<T: Arithmetic>(
    _ x: UnsafePointer<T>, _ rows: [Int], _ columns: [Int], into y: UnsafeMutablePointer<T>
  ) {
    var next = y
    for row in rows {
      for column in columns {
        next.pointee = x[row + column]
        next += 1
      }
    }
  }
}
