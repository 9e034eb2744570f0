internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// A pool of row-major planes in place: to arrange them channels-last for oneDNN, and the result back
/// again, takes longer than pooling.
struct PlanePool {
  private var pool: ck_pool
  private let outputShape: [Int]
  private let planes: Int
  private let isMaximum: Bool
  /// What a mean divides by is a product of these.
  private var rowCounts: [Float] = []
  private var columnCounts: [Float] = []
  private static let lanes = 8

  /// Nil for windows that are no rectangles of such planes.
  ///
  /// - Parameters:
  ///   - shape: of the input.
  ///   - countsPadding: whether a mean does.
  init?(_ window: Window, shape: [Int], isMaximum: Bool, countsPadding: Bool) {
    guard (1...2).contains(window.input.count), window.dilation.allSatisfy({ $0 == 1 }),
      window.before.allSatisfy({ $0 >= 0 }), let width = window.input.last,
      let columns = window.output.last, width >= Self.lanes, columns >= Self.lanes,
      let counts = window.averagedSizes(countingPadding: countsPadding)
    else { return nil }
    func last(_ sizes: [Int]) -> Int64 { Int64(sizes[sizes.count - 1]) }
    func first(_ sizes: [Int], _ other: Int) -> Int64 { Int64(sizes.count == 2 ? sizes[0] : other) }
    pool = ck_pool(
      height: first(window.input, 1), width: last(window.input), rows: first(window.output, 1),
      columns: last(window.output), kernel_rows: first(window.kernel, 1),
      kernel_columns: last(window.kernel), row_stride: first(window.stride, 1),
      column_stride: last(window.stride), above: first(window.before, 0),
      left: last(window.before))
    columnCounts = counts[counts.count - 1]
    rowCounts = counts.count == 2 ? counts[0] : [1]
    planes = shape[0] * shape[1]
    outputShape = Array(shape[..<2]) + window.output
    self.isMaximum = isMaximum
  }

  /// - Parameter x: row-major, of the shape that the pool was made for.
  func run(_ x: StridedTensor, _ call: KernelCall) throws(SurgeonError) -> StridedTensor {
    let y = try call.result(outputShape, .rowMajor)
    let (source, target) = (x.base, y.base)
    let (input, output) = (Int(pool.height * pool.width), Int(pool.rows * pool.columns))
    let reach = Int((pool.columns - 1) * pool.column_stride + pool.kernel_columns)
    let length = max(reach, Int(pool.left + pool.width)) + Self.lanes
    let perTask = max(1, min(planes / 4, (1 << 14) / input))
    call.share((planes + perTask - 1) / perTask, nanoseconds: x.count / 4) { task in
      let first = task * perTask
      let count = Int64(min(perTask, planes - first))
      withUnsafeTemporaryAllocation(of: Float.self, capacity: length) { line in
        guard let line = line.baseAddress else { return }
        line.update(repeating: 0, count: length)
        withUnsafePointer(to: pool) { pool in
          let (from, to) = (source + first * input, target + first * output)
          if isMaximum {
            ck_max_pool(pool, count, from, line, to)
          } else {
            ck_average_pool(pool, count, from, rowCounts, columnCounts, line, to)
          }
        }
      }
    }
    withExtendedLifetime((x, y)) {}
    return y
  }
}
