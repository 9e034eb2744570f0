internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// Operations on each element, done in one pass over memory; each result is rounded as if the
/// operations were done one after the other.
struct ElementwiseChain {
  struct Step {
    var op: ck_op
    var alpha: Float = 0
    var beta: Float = 0
    /// The second operand, broadcast to the result's shape.
    var operand: StridedTensor?
  }

  var steps: [Step]

  /// The arrangement for a result of `shape`: channels-last as soon as one operand of that shape
  /// is.
  static func arrangement(of operands: [StridedTensor], shape: [Int]) -> Arrangement {
    guard shape.count > 2 else { return .rowMajor }
    let isChannelsLast = operands.contains {
      $0.shape == shape && $0.arrangement == .channelsLast
    }
    return isChannelsLast ? .channelsLast : .rowMajor
  }

  /// Applies the steps to `x`, which is broadcast to `shape` if need be.
  ///
  /// - Parameter place: where to put the result, which may be `x` itself; nil for new memory.
  func run(
    _ x: StridedTensor, shape: [Int], _ arrangement: Arrangement, _ context: ExecutionContext,
    into place: StridedTensor? = nil
  ) throws(SurgeonError) -> StridedTensor {
    var result = place
    if result == nil { result = try StridedTensor(shape: shape, arrangement, context) }
    guard let result else { return x }
    guard result.count > 0 else { return result }
    if x.shape == shape, x.matches(arrangement),
      let flat = FlatChain(self, shape: shape, arrangement)
    {
      withExtendedLifetime((x, self)) {
        flat.run(x.base, into: result.base, threads: context.options.threads)
      }
      return result
    }
    var source = result
    if x.shape == shape {
      source = try x.arranged(arrangement)
    } else {
      let strides = Self.broadcastStrides(x, to: shape)
      StridedCopy.copy(
        x.alias(shape: shape, strides: strides), to: result, threads: context.options.threads)
    }
    var operands: [(base: UnsafePointer<Float>, strides: [Int])?] = []
    var owners: [StridedTensor] = [source, result]
    for step in steps {
      guard let operand = step.operand else {
        operands.append(nil)
        continue
      }
      // In the result's rank and arrangement, so that the fastest dimension is the same.
      let padded = Array(repeating: 1, count: shape.count - operand.shape.count) + operand.shape
      let missing = Array(repeating: 0, count: shape.count - operand.shape.count)
      let whole = try operand.alias(shape: padded, strides: missing + operand.strides)
        .arranged(arrangement)
      operands.append((UnsafePointer(whole.base), Self.broadcastStrides(whole, to: shape)))
      owners.append(whole)
    }
    withExtendedLifetime(owners) {
      execute(source, operands, into: result, arrangement, threads: context.options.threads)
    }
    return result
  }

  /// Strides of `tensor` along the dimensions of `shape`: 0 where it is repeated.
  static func broadcastStrides(_ tensor: StridedTensor, to shape: [Int]) -> [Int] {
    let missing = shape.count - tensor.shape.count
    return shape.indices.map { axis in
      guard axis >= missing, tensor.shape[axis - missing] != 1 else { return 0 }
      return tensor.strides[axis - missing]
    }
  }

  /// About what the steps take on one thread for `count` elements.
  func nanoseconds(for count: Int) -> Int {
    steps.reduce(count / 16) { $0 + count * ($1.op.isFunction ? 4 : 1) / 16 }
  }

  private struct Axis {
    var size: Int
    var stride: Int
    var operands: [Int]
  }

  private func execute(
    _ x: StridedTensor, _ operands: [(base: UnsafePointer<Float>, strides: [Int])?],
    into y: StridedTensor, _ arrangement: Arrangement, threads: Int
  ) {
    let shape = y.shape
    let strides = arrangement.strides(for: shape)
    var axes: [Axis] = []
    for axis in arrangement.order(rank: shape.count) where shape[axis] != 1 {
      let new = Axis(
        size: shape[axis], stride: strides[axis],
        operands: operands.map { $0?.strides[axis] ?? 0 })
      if let last = axes.last,
        zip(last.operands, new.operands).allSatisfy({ $0 == new.size * $1 })
      {
        axes[axes.count - 1] = Axis(
          size: last.size * new.size, stride: new.stride, operands: new.operands)
      } else {
        axes.append(new)
      }
    }
    let none = Axis(size: 1, stride: 0, operands: operands.map { _ in 0 })
    var columns = axes.popLast() ?? none
    var rows = axes.popLast() ?? none
    if rows.size == 1, columns.size > 1 << 13 {
      // One long row becomes several, so that threads can share it.
      let width = 1 << 12
      let tail = columns.size % width
      let head = columns.size / width
      rows = Axis(size: head, stride: width, operands: columns.operands.map { $0 * width })
      columns.size = width
      if tail > 0 {
        let offset = head * width
        step(
          rows: 1, columns: tail, x.base + offset, y.base + offset, stride: tail, rows: none,
          columns,
          operands: zip(operands, columns.operands).map { operand, stride in
            operand.map { $0.base + offset * stride }
          })
      }
    }
    let (inner, row, outer) = (columns, rows, axes)
    let outerCount = outer.map(\.size).reduce(1, *)
    let count = outerCount * row.size * inner.size
    // Long tasks repeat operands less often; a few for each thread keep all of them busy.
    let taskSize = max(1 << 12, min(1 << 14, count / 4))
    let rowsPerTask = max(1, min(row.size, taskSize / inner.size))
    let blocks = (row.size + rowsPerTask - 1) / rowsPerTask
    ThreadPool.shared.run(
      count: outerCount * blocks, threads: threads, nanoseconds: nanoseconds(for: count)
    ) { task in
      var rest = task / blocks
      let first = task % blocks * rowsPerTask
      var offset = first * row.stride
      var offsets = row.operands.map { $0 * first }
      for axis in outer.reversed() {
        let index = rest % axis.size
        offset += index * axis.stride
        for (position, stride) in axis.operands.enumerated() { offsets[position] += index * stride }
        rest /= axis.size
      }
      step(
        rows: min(rowsPerTask, row.size - first), columns: inner.size, x.base + offset,
        y.base + offset, stride: row.stride, rows: row, inner,
        operands: zip(operands, offsets).map { operand, offset in operand.map { $0.base + offset } }
      )
    }
  }

  private func step(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    stride: Int, rows row: Axis, _ column: Axis, operands: [UnsafePointer<Float>?]
  ) {
    let program = steps.indices.map { index in
      ck_step(
        op: Int32(steps[index].op.rawValue), column_stride: Int32(column.operands[index]),
        alpha: steps[index].alpha, beta: steps[index].beta, operand: operands[index],
        row_stride: Int64(row.operands[index]))
    }
    ck_chain(
      program, Int32(program.count), Int64(rows), Int64(columns), x, Int64(stride), y,
      Int64(stride))
  }
}

extension ck_op {
  /// True for what takes more than a few instructions.
  fileprivate var isFunction: Bool {
    switch self {
    case CK_SIGMOID, CK_SWISH, CK_TANH, CK_EXP, CK_ERF, CK_ELU, CK_SELU, CK_CELU, CK_SOFTPLUS,
      CK_MISH, CK_GELU, CK_GELU_TANH, CK_LOG, CK_SINE, CK_COSINE, CK_POWER, CK_POWER_OF:
      true
    default: false
    }
  }
}
