internal import CKernels
internal import SurgeonThreads

/// A chain whose operands stand as the result does, or repeat a row or a number: what networks are
/// full of, and what needs no tables of axes.
///
/// The result is taken as `outer` x `rows` x `columns` elements without gaps.
struct FlatChain {
  private struct Operand {
    var base: UnsafePointer<Float>?
    var outerStride = 0
    var rowStride = 0
    var columnStride = 0
  }

  private let steps: [ElementwiseChain.Step]
  /// About what the chain takes on one thread.
  private let nanoseconds: Int
  /// One for each step; empty where no step has an operand.
  private var operands: [Operand] = []
  private var outer = 1
  private var rows = 1
  private var columns: Int

  /// Nil where an operand is arranged or repeated in another way.
  ///
  /// - Parameter shape: of the result, which stands in `arrangement` without gaps.
  init?(_ chain: ElementwiseChain, shape: [Int], _ arrangement: Arrangement) {
    steps = chain.steps
    let rank = shape.count
    let fastest = rank == 0 ? 0 : arrangement.axis(at: rank - 1, rank: rank)
    columns = shape.reduce(1, *)
    nanoseconds = chain.nanoseconds(for: columns)
    guard columns > 0 else { return nil }
    guard steps.contains(where: { $0.operand != nil }) else { return }
    let width = rank == 0 ? 1 : shape[fastest]
    var (repeatsRows, repeatsPlanes) = (false, false)
    operands.reserveCapacity(steps.count)
    for step in steps {
      guard let tensor = step.operand else {
        operands.append(Operand())
        continue
      }
      var operand = Operand(base: UnsafePointer(tensor.base))
      let missing = rank - tensor.shape.count
      guard missing >= 0 else { return nil }
      if tensor.shape == shape, tensor.matches(arrangement) {
        (operand.outerStride, operand.rowStride, operand.columnStride) = (-1, -1, 1)
      } else if tensor.count > 1 {
        // A row, for all positions or for those of one image.
        guard fastest >= missing, tensor.shape[fastest - missing] == width,
          tensor.strides[fastest - missing] == 1
        else { return nil }
        operand.columnStride = 1
        repeatsRows = true
        for axis in tensor.shape.indices where axis != fastest - missing && tensor.shape[axis] != 1
        {
          guard axis == 0, missing == 0, fastest > 0, tensor.shape[0] == shape[0],
            tensor.strides[0] == width
          else { return nil }
          operand.outerStride = width
          repeatsPlanes = true
        }
      }
      operands.append(operand)
    }
    if repeatsRows {
      outer = repeatsPlanes ? shape[0] : 1
      rows = columns / (width * outer)
      columns = width
    }
    for index in operands.indices where operands[index].rowStride < 0 {
      operands[index].rowStride = columns
      operands[index].outerStride = rows * columns
    }
  }

  /// - Parameters:
  ///   - x: the elements that the chain begins with, which stand as the result does.
  ///   - y: may be `x`.
  func run(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, threads: Int) {
    let count = outer * rows * columns
    guard threads != 1, nanoseconds >= ThreadPool.worthSharing else {
      for plane in 0..<outer { part(x, y, plane: plane, rows: 0..<rows, columns: 0..<columns) }
      return
    }
    // A few tasks for each thread keep all of them busy.
    let taskSize = max(1 << 12, min(1 << 14, count / 4))
    let isOneRow = rows == 1
    let length = isOneRow ? columns : rows
    let step = isOneRow ? taskSize : max(1, taskSize / columns)
    let blocks = (length + step - 1) / step
    ThreadPool.shared.run(count: outer * blocks, threads: threads) { task in
      let first = task % blocks * step
      let range = first..<min(length, first + step)
      part(
        x, y, plane: task / blocks, rows: isOneRow ? 0..<1 : range,
        columns: isOneRow ? range : 0..<columns)
    }
  }

  private func part(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, plane: Int, rows part: Range<Int>,
    columns range: Range<Int>
  ) {
    withUnsafeTemporaryAllocation(of: ck_step.self, capacity: steps.count) { program in
      for index in steps.indices {
        let step = steps[index]
        let operand = operands.isEmpty ? Operand() : operands[index]
        let offset =
          plane * operand.outerStride + part.lowerBound * operand.rowStride
          + range.lowerBound * operand.columnStride
        program.initializeElement(
          at: index,
          to: ck_step(
            op: Int32(step.op.rawValue), column_stride: Int32(operand.columnStride),
            alpha: step.alpha, beta: step.beta, operand: operand.base.map { $0 + offset },
            row_stride: Int64(operand.rowStride)))
      }
      guard let base = program.baseAddress else { return }
      let offset = (plane * rows + part.lowerBound) * columns + range.lowerBound
      ck_chain(
        base, Int32(program.count), Int64(part.count), Int64(range.count), x + offset,
        Int64(columns), y + offset, Int64(columns))
    }
  }
}
