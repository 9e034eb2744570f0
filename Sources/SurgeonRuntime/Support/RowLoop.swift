internal import SurgeonIR
internal import SurgeonThreads

/// A walk over several strided operands of one shape, row by row.
///
/// Axes that all operands step through evenly are merged first, so that operands without
/// broadcasting are one long row.
struct RowLoop {
  /// Elements of a row and, for each operand, the distance between its elements in the row.
  let rowCount: Int
  let rowStrides: [Int]
  private let sizes: [Int]
  /// By operand, then by axis.
  private let strides: [[Int]]

  init(shape: [Int], strides operands: [[Int]]) {
    var sizes: [Int] = []
    var merged: [[Int]] = Array(repeating: [], count: operands.count)
    for axis in shape.indices where shape[axis] != 1 {
      if let last = sizes.indices.last,
        operands.indices.allSatisfy({
          merged[$0][last] == operands[$0][axis] * shape[axis]
        })
      {
        sizes[last] *= shape[axis]
        for operand in operands.indices { merged[operand][last] = operands[operand][axis] }
      } else {
        sizes.append(shape[axis])
        for operand in operands.indices { merged[operand].append(operands[operand][axis]) }
      }
    }
    rowCount = sizes.popLast() ?? 1
    rowStrides = merged.indices.map { merged[$0].popLast() ?? 1 }
    self.sizes = sizes
    self.strides = merged
  }

  /// A walk over a result of `shape`, row-major, and what is broadcast to it.
  init(shape: [Int], broadcasting operands: [[Int]]) {
    self.init(
      shape: shape,
      strides: [shape.rowMajorStrides]
        + operands.map { Sizes.broadcastStrides($0, to: shape) })
  }

  /// Calls `body` with the position of each operand at the start of each row.
  @inline(__always)
  func walk(_ body: (UnsafePointer<Int>) -> Void) {
    guard rowCount > 0, sizes.allSatisfy({ $0 > 0 }) else { return }
    var positions = Array(repeating: 0, count: max(strides.count, 1))
    var index = Array(repeating: 0, count: sizes.count)
    while true {
      positions.withUnsafeBufferPointer { if let base = $0.baseAddress { body(base) } }
      var axis = sizes.count - 1
      while axis >= 0 {
        index[axis] += 1
        for operand in strides.indices { positions[operand] += strides[operand][axis] }
        if index[axis] < sizes[axis] { break }
        for operand in strides.indices {
          positions[operand] -= strides[operand][axis] * sizes[axis]
        }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// Calls `body` with the position of each operand at the start of each row and the row's length, on
  /// several threads where that pays. One long row is cut into several.
  ///
  /// - Parameter nanoseconds: about what all calls take on one thread.
  @inline(__always)
  func share(threads: Int, nanoseconds: Int, _ body: (UnsafePointer<Int>, Int) -> Void) {
    let rows = sizes.reduce(1, *)
    guard rowCount > 0, rows > 0 else { return }
    let length = 1 << 13
    let pieces = (rowCount + length - 1) / length
    let perTask = max(1, length / rowCount)
    let tasks = (rows * pieces + perTask - 1) / perTask
    ThreadPool.shared.run(
      count: tasks, threads: threads, nanoseconds: nanoseconds
    ) { task in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: strides.count) { positions in
        for index in task * perTask..<min(rows * pieces, (task + 1) * perTask) {
          let start = index % pieces * length
          for operand in strides.indices {
            var rest = index / pieces
            var position = start * rowStrides[operand]
            for axis in sizes.indices.reversed() {
              position += rest % sizes[axis] * strides[operand][axis]
              rest /= sizes[axis]
            }
            positions.initializeElement(at: operand, to: position)
          }
          guard let base = positions.baseAddress else { return }
          body(UnsafePointer(base), min(length, rowCount - start))
        }
      }
    }
  }
}
