internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// Sums, and largest and smallest elements, over some dimensions of a strided value, in Float64.
///
/// What is added up in which order depends on the shape alone, so that any number of threads yields
/// the same bits.
struct StridedReduction {
  private struct Axis {
    var size: Int
    var stride: Int
    var isReduced: Bool
  }

  /// Elements from one result to the next along each dimension, 1 along those that are reduced: the
  /// results are in the order of the value's memory.
  private(set) var resultStrides: [Int]
  private(set) var resultCount = 1

  private let base: UnsafeMutablePointer<Float>
  private let owner: StridedTensor
  /// The dimension whose elements are neighbours, and the one that a call of a kernel takes with it.
  private let inner: Axis
  private var second = Axis(size: 1, stride: 0, isReduced: false)
  /// The others.
  private var kept: [Axis] = []
  private var reduced: [Axis] = []

  /// Nil where no dimension's elements are neighbours.
  init?(_ x: StridedTensor, over axes: [Int]) {
    (base, owner) = (x.base, x)
    resultStrides = Array(repeating: 1, count: x.shape.count)
    let order = x.shape.indices.filter { x.shape[$0] != 1 }
      .sorted { x.strides[$0] > x.strides[$1] }
    for axis in order.reversed() where !axes.contains(axis) {
      resultStrides[axis] = resultCount
      resultCount *= x.shape[axis]
    }
    var list: [Axis] = []
    for axis in order {
      let new = Axis(
        size: x.shape[axis], stride: x.strides[axis], isReduced: axes.contains(axis))
      if let last = list.last, last.isReduced == new.isReduced,
        last.stride == new.size * new.stride
      {
        list[list.count - 1] = Axis(
          size: last.size * new.size, stride: new.stride, isReduced: new.isReduced)
      } else {
        list.append(new)
      }
    }
    inner = list.popLast() ?? Axis(size: 1, stride: 1, isReduced: true)
    guard inner.stride == 1 else { return nil }
    // Rows that are added up, or lines that each become one number.
    if let place = list.lastIndex(where: { $0.isReduced != inner.isReduced }) {
      second = list.remove(at: place)
    }
    kept = list.filter { !$0.isReduced }
    reduced = list.filter(\.isReduced)
  }

  /// - Parameter results: holds `resultCount` numbers.
  func run(_ reduction: ck_reduction, into results: UnsafeMutablePointer<Double>, threads: Int) {
    let outer = kept.map(\.size).reduce(1, *)
    let loops = reduced.map(\.size).reduce(1, *)
    // What one loop reduces, and how many numbers it yields.
    let (length, width) =
      inner.isReduced ? (inner.size, second.size) : (second.size, inner.size)
    let blockWidth = inner.isReduced ? max(1, (1 << 12) / length) : min(width, 256)
    let blocks = (width + blockWidth - 1) / blockWidth
    // Few long sums are cut into parts, so that threads can share them.
    var part = length
    if outer * blocks * loops < 8 {
      part = max(64, (1 << 14) / (inner.isReduced ? 1 : min(width, blockWidth)))
    }
    let parts = (length + part - 1) / part
    let pieces = loops * parts
    let count = outer * loops * length * width
    withUnsafeTemporaryAllocation(
      of: Double.self, capacity: pieces == 1 ? 1 : pieces * resultCount
    ) { memory in
      guard let memory = memory.baseAddress else { return }
      let partial = pieces == 1 ? results : memory
      ThreadPool.shared.run(
        count: outer * blocks * pieces, threads: threads, nanoseconds: count / 8
      ) { task in
        let (piece, block) = (task / blocks % pieces, task % blocks * blockWidth)
        let (plane, start) = (task / blocks / pieces, piece % parts * part)
        let x =
          base + Self.offset(plane, kept) + Self.offset(piece / parts, reduced)
          + (inner.isReduced ? block * second.stride + start : start * second.stride + block)
        let y = partial + piece * resultCount + plane * width + block
        let (terms, found) = (
          Int64(min(part, length - start)), Int64(min(blockWidth, width - block))
        )
        if inner.isReduced {
          ck_reduce_lines(reduction, found, terms, x, Int64(second.stride), y)
        } else {
          ck_reduce_rows(reduction, terms, found, x, Int64(second.stride), y)
        }
      }
      guard pieces > 1 else { return }
      for index in 0..<resultCount {
        var total = partial[index]
        for piece in 1..<pieces {
          total = reduction.combine(total, partial[piece * resultCount + index])
        }
        results[index] = total
      }
    }
    withExtendedLifetime(owner) {}
  }

  private static func offset(_ index: Int, _ axes: [Axis]) -> Int {
    var rest = index
    var offset = 0
    for axis in axes.reversed() {
      offset += rest % axis.size * axis.stride
      rest /= axis.size
    }
    return offset
  }
}

extension ck_reduction {
  /// One number of what two parts were reduced to.
  func combine(_ a: Double, _ b: Double) -> Double {
    switch self {
    case CK_LARGEST: b > a || b.isNaN ? b : a
    case CK_SMALLEST: b < a || b.isNaN ? b : a
    default: a + b
    }
  }
}
