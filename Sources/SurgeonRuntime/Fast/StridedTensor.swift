internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads
internal import Synchronization

/// A Float32 tensor of the fast engine: elements at any strides in memory that somebody owns.
///
/// Convolutional values travel from operator to operator channels-last in this form; a view of
/// another tensor (a transposition, a slice) costs nothing.
final class StridedTensor: EngineLayout, PrimitiveArgument, @unchecked Sendable {
  // Unchecked: the elements are written once, by the kernel that makes the tensor, before anybody
  // else sees it.
  let shape: [Int]
  /// Elements from one index of each dimension to the next.
  let strides: [Int]
  let base: UnsafeMutablePointer<Float>
  private let owner: AnyObject
  private let context: ExecutionContext
  /// The same elements in other arrangements, once somebody has asked for them.
  private let copies = Mutex<[Arrangement: StridedTensor]>([:])
  /// True while nobody but this tensor knows its memory, which was allocated for it.
  private let isExclusive: Atomic<Bool>

  var elementType: ElementType { .float32 }
  var count: Int { shape.reduce(1, *) }
  var address: UnsafeRawPointer { UnsafeRawPointer(base) }

  init(
    shape: [Int], strides: [Int], base: UnsafeMutablePointer<Float>, owner: AnyObject,
    context: ExecutionContext, isExclusive: Bool = false
  ) {
    self.shape = shape
    self.strides = strides
    self.base = base
    self.owner = owner
    self.context = context
    self.isExclusive = Atomic(isExclusive)
  }

  /// Uninitialised elements.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  convenience init(
    shape: [Int], _ arrangement: Arrangement, _ context: ExecutionContext
  ) throws(SurgeonError) {
    try self.init(shape: shape, strides: arrangement.strides(for: shape), context)
  }

  /// Uninitialised elements that `strides` arrange without gaps.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  convenience init(
    shape: [Int], strides: [Int], _ context: ExecutionContext
  ) throws(SurgeonError) {
    let count = shape.reduce(1, *)
    let block = try context.allocate(byteCount: count * MemoryLayout<Float>.stride)
    self.init(
      shape: shape, strides: strides,
      base: block.base.bindMemory(to: Float.self, capacity: count), owner: block, context: context,
      isExclusive: true)
  }

  /// The elements of a plain Float32 tensor, where they are (or copied, where they are not
  /// aligned); nil for another type.
  convenience init?(_ tensor: Tensor, _ context: ExecutionContext) throws(SurgeonError) {
    guard tensor.elementType == .float32 else { return nil }
    let bytes = try tensor.bytes().aligned(for: .float32)
    let base = UnsafeMutableRawPointer(mutating: bytes.base)
    self.init(
      shape: tensor.shape, strides: Arrangement.rowMajor.strides(for: tensor.shape),
      base: base.bindMemory(to: Float.self, capacity: tensor.count), owner: bytes.owner,
      context: context)
  }

  func matches(_ arrangement: Arrangement) -> Bool {
    arrangement.matches(shape: shape, strides: strides)
  }

  /// The arrangement that a result made of this value should have: its own, or that of the value it
  /// is a part of.
  var arrangement: Arrangement {
    guard shape.count > 2, !matches(.rowMajor) else { return .rowMajor }
    let isDense = shape.indices.dropFirst(2).allSatisfy {
      shape[$0] == 1 || strides[$0] > strides[1]
    }
    return isDense && strides[1] == 1 && shape[1] > 1 ? .channelsLast : .rowMajor
  }

  /// The same elements under another shape or other strides.
  func view(shape: [Int], strides: [Int], offset: Int = 0) -> StridedTensor {
    share()
    return alias(shape: shape, strides: strides, offset: offset)
  }

  /// The same as `view`, for no longer than one kernel runs.
  func alias(shape: [Int], strides: [Int], offset: Int = 0) -> StridedTensor {
    StridedTensor(
      shape: shape, strides: strides, base: base + offset, owner: owner, context: context)
  }

  /// Says that somebody else may read the memory for as long as it exists.
  func share() { isExclusive.store(false, ordering: .relaxed) }

  /// A tensor in the memory of this one, which nobody may read any more; nil where somebody may.
  func successor() -> StridedTensor? {
    guard isExclusive.load(ordering: .relaxed) else { return nil }
    return StridedTensor(
      shape: shape, strides: strides, base: base, owner: owner, context: context,
      isExclusive: true)
  }

  /// The tensor itself where it stands so already, otherwise a copy, which is kept.
  func arranged(_ arrangement: Arrangement) throws(SurgeonError) -> StridedTensor {
    if matches(arrangement) { return self }
    if let copy = copies.withLock({ $0[arrangement] }) { return copy }
    let copy = try StridedTensor(shape: shape, arrangement, context)
    StridedCopy.copy(self, to: copy, threads: context.options.threads)
    context.countReorder()
    copies.withLock { $0[arrangement] = copy }
    return copy
  }

  func plainTensor() throws(SurgeonError) -> Tensor {
    let plain = try arranged(.rowMajor)
    plain.share()
    let count = shape.reduce(1, *)
    return Tensor(
      elementType: .float32, shape: shape,
      bytes: TensorBytes(
        owner: plain, base: UnsafeRawPointer(plain.base), count: count * MemoryLayout<Float>.stride)
    )
  }
}

/// Copies between strided tensors of one shape.
enum StridedCopy {
  static func copy(_ source: StridedTensor, to target: StridedTensor, threads: Int) {
    var axes = source.shape.indices.filter { source.shape[$0] != 1 }.map {
      Axis(size: source.shape[$0], source: source.strides[$0], target: target.strides[$0])
    }
    guard axes.allSatisfy({ $0.size > 0 }) else { return }
    axes.sort { $0.target > $1.target }
    axes = joined(axes)
    // The innermost dimension of the target with the one in which the source is densest, the rest
    // in order around them.
    let inner = axes.popLast() ?? Axis(size: 1, source: 1, target: 1)
    let densest = axes.indices.min { axes[$0].source < axes[$1].source }
    let rows = densest.map { axes.remove(at: $0) } ?? Axis(size: 1, source: 0, target: 0)
    let outerCount = axes.map(\.size).reduce(1, *)
    let count = outerCount * rows.size * inner.size
    let taskSize = max(1 << 12, min(1 << 15, count / 4))
    let rowsPerTask = max(16, min(rows.size, taskSize / max(1, inner.size)))
    let blocks = (rows.size + rowsPerTask - 1) / rowsPerTask
    let outer = axes
    let pieces = outerCount * blocks
    // Small pieces are handed out several at a time.
    let perTask = max(1, min(pieces, taskSize / max(1, min(rowsPerTask, rows.size) * inner.size)))
    ThreadPool.shared.run(
      count: (pieces + perTask - 1) / perTask, threads: count < 1 << 13 ? 1 : threads
    ) { task in
      for piece in task * perTask..<min(pieces, (task + 1) * perTask) {
        var rest = piece / blocks
        var (from, to) = (source.base, target.base)
        for axis in outer.reversed() {
          from += rest % axis.size * axis.source
          to += rest % axis.size * axis.target
          rest /= axis.size
        }
        let first = piece % blocks * rowsPerTask
        copy(
          rows: min(rowsPerTask, rows.size - first), from + first * rows.source, rows.source,
          to + first * rows.target, rows.target, inner)
      }
    }
  }

  private struct Axis {
    var size: Int
    var source: Int
    var target: Int
  }

  /// Neighbours that are one dimension in both memories become one.
  private static func joined(_ axes: [Axis]) -> [Axis] {
    var result: [Axis] = []
    for axis in axes {
      if let last = result.last, last.source == axis.size * axis.source,
        last.target == axis.size * axis.target
      {
        result[result.count - 1] = Axis(
          size: last.size * axis.size, source: axis.source, target: axis.target)
      } else {
        result.append(axis)
      }
    }
    return result
  }

  private static func copy(
    rows: Int, _ from: UnsafePointer<Float>, _ fromStride: Int, _ to: UnsafeMutablePointer<Float>,
    _ toStride: Int, _ inner: Axis
  ) {
    if inner.target == 1 {
      ck_copy_2d(
        Int64(rows), Int64(inner.size), from, Int64(fromStride), Int64(inner.source), to,
        Int64(toStride))
    } else {
      for row in 0..<rows {
        for column in 0..<inner.size {
          to[row * toStride + column * inner.target] =
            from[row * fromStride + column * inner.source]
        }
      }
    }
  }
}
