internal import CKernels
internal import SurgeonThreads

/// Copies of elements of any width between memories with strides.
struct StridedCopy {
  private struct Axis {
    var size: Int
    var source: Int
    var target: Int
  }

  /// The innermost dimension of the target; the one in which the source is densest, or, where the
  /// source has neighbours along the first too, the longest; and the rest in order around them.
  private let inner: Axis
  private let rows: Axis
  private let outer: [Axis]
  private let isEmpty: Bool
  private let width: Int

  /// - Parameters:
  ///   - sources: elements from one index of each dimension to the next, of what is read.
  ///   - targets: the same of what is written.
  ///   - width: bytes of an element: 1, 2, 4, 8 or 16.
  init(shape: [Int], sources: [Int], targets: [Int], width: Int) {
    self.width = width
    var axes = shape.indices.filter { shape[$0] != 1 }
      .map { Axis(size: shape[$0], source: sources[$0], target: targets[$0]) }
    isEmpty = !axes.allSatisfy { $0.size > 0 }
    axes.sort { $0.target > $1.target }
    axes = Self.joined(axes)
    inner = axes.popLast() ?? Axis(size: 1, source: 1, target: 1)
    let second =
      inner.source == 1 || inner.source == 0
      ? axes.indices.max { axes[$0].size < axes[$1].size }
      : axes.indices.min { axes[$0].source.magnitude < axes[$1].source.magnitude }
    rows = second.map { axes.remove(at: $0) } ?? Axis(size: 1, source: 0, target: 0)
    outer = axes
  }

  static func copy(_ source: StridedTensor, to target: StridedTensor, threads: Int) {
    withExtendedLifetime((source, target)) {
      StridedCopy(
        shape: source.shape, sources: source.strides, targets: target.strides,
        width: MemoryLayout<Float>.stride
      ).run(from: UnsafeRawPointer(source.base), to: target.base, threads: threads)
    }
  }

  func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, threads: Int) {
    guard !isEmpty else { return }
    guard rows.size > 1 || !outer.isEmpty else {
      copyRow(from: source, to: target, threads: threads)
      return
    }
    let outerCount = outer.map(\.size).reduce(1, *)
    let count = outerCount * rows.size * inner.size
    let taskSize = max(1 << 12, min(1 << 15, count / 4))
    let rowsPerTask = max(16, min(rows.size, taskSize / max(1, inner.size)))
    let blocks = (rows.size + rowsPerTask - 1) / rowsPerTask
    let pieces = outerCount * blocks
    // Small pieces are handed out several at a time.
    let perTask = max(1, min(pieces, taskSize / max(1, min(rowsPerTask, rows.size) * inner.size)))
    ThreadPool.shared.run(
      count: (pieces + perTask - 1) / perTask, threads: threads, nanoseconds: count * width / 16
    ) { task in
      for piece in task * perTask..<min(pieces, (task + 1) * perTask) {
        var rest = piece / blocks
        let first = piece % blocks * rowsPerTask
        var (from, to) = (first * rows.source, first * rows.target)
        for axis in outer.reversed() {
          from += rest % axis.size * axis.source
          to += rest % axis.size * axis.target
          rest /= axis.size
        }
        ck_copy_elements(
          Int64(width), Int64(min(rowsPerTask, rows.size - first)), Int64(inner.size),
          source + from * width, Int64(rows.source), Int64(inner.source), target + to * width,
          Int64(rows.target), Int64(inner.target))
      }
    }
  }

  /// Where there is only the innermost dimension, threads share that.
  private func copyRow(
    from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, threads: Int
  ) {
    let length = max(1 << 12, min(1 << 15, inner.size / 4))
    ThreadPool.shared.run(
      count: (inner.size + length - 1) / length, threads: threads,
      nanoseconds: inner.size * width / 16
    ) { task in
      let start = task * length
      ck_copy_elements(
        Int64(width), 1, Int64(min(length, inner.size - start)),
        source + start * inner.source * width, 0, Int64(inner.source),
        target + start * inner.target * width, 0, Int64(inner.target))
    }
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
}
