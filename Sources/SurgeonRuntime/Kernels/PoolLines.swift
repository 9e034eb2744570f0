internal import SurgeonIR
internal import SurgeonThreads

/// How the windows of a pool read a plane line by line: along the last axis, each window's elements in the
/// order of `PoolWindows`.
struct PoolLines {
  /// What the windows at one index of an axis have inside of the input.
  private struct Span {
    let first: Int
    let count: Int
  }

  /// A position of the window along the last axis: the results whose windows have it inside of the input,
  /// and where in a line the one at index 0 reads.
  private struct Tap {
    let results: Range<Int>
    let first: Int
  }

  /// For each axis but the last one, and each index of its results.
  private let spans: [[Span]]
  /// For each of them: from one position of a window to the next, in elements of the plane.
  private let steps: [Int]
  private let taps: [Tap]
  /// Results of a line, and from what one of them reads to what the next one does.
  private let length: Int
  private let stride: Int
  /// About what joining one plane takes, in nanoseconds.
  let nanoseconds: Int

  init(_ window: Window) {
    let last = window.output.count - 1
    let (size, length, stride) = (window.input[last], window.output[last], window.stride[last])
    let (before, dilation) = (window.before[last], window.dilation[last])
    (self.length, self.stride) = (length, stride)
    // A window may be far larger than its input: taps that no result has inside are left out.
    let begin = max(0, (before - (length - 1) * stride) / dilation)
    let end = min(window.kernel[last], (size + before + dilation - 1) / dilation)
    taps = (begin..<max(begin, end)).compactMap { tap in
      let first = tap * dilation - before
      let low = first < 0 ? (-first + stride - 1) / stride : 0
      let high = first < size ? min(length, (size - first + stride - 1) / stride) : 0
      return low < high ? Tap(results: low..<high, first: first) : nil
    }
    let strides = window.input.rowMajorStrides
    steps = (0..<last).map { window.dilation[$0] * strides[$0] }
    spans = (0..<last).map { axis in
      (0..<window.output[axis]).map { index in
        let inside = window.positions(axis, index, from: 0, to: window.input[axis])
        return Span(first: inside.first * strides[axis], count: inside.count)
      }
    }
    let most = spans.map { $0.map(\.count).max() ?? 0 }
    nanoseconds = (most + window.output + [taps.count]).reduce(1) { ThreadPool.work($0, $1) }
  }

  /// Joins what each window reads of a plane, one element after the other, to `initial`.
  @inline(__always)
  func join<T>(
    _ plane: UnsafePointer<T>, into results: UnsafeMutablePointer<T>, from initial: T,
    _ next: (T, T) -> T
  ) {
    guard spans.allSatisfy({ !$0.isEmpty }) else { return }
    var index = [Int](repeating: 0, count: spans.count)
    var y = results
    repeat {
      y.update(repeating: initial, count: length)
      let inside = index.indices.map { spans[$0][index[$0]] }
      var position = [Int](repeating: 0, count: spans.count)
      if inside.allSatisfy({ $0.count > 0 }) {
        repeat {
          var line = plane
          for axis in position.indices { line += inside[axis].first + position[axis] * steps[axis] }
          for tap in taps {
            let x = line + tap.first
            if stride == 1 {
              for result in tap.results { y[result] = next(y[result], x[result]) }
            } else {
              for result in tap.results { y[result] = next(y[result], x[result * stride]) }
            }
          }
        } while Self.advance(&position) { inside[$0].count }
      }
      y += length
    } while Self.advance(&index) { spans[$0].count }
  }

  /// The next position in row-major order; false behind the last one.
  @inline(__always)
  private static func advance(_ position: inout [Int], _ size: (Int) -> Int) -> Bool {
    for axis in position.indices.reversed() {
      position[axis] += 1
      if position[axis] < size(axis) { return true }
      position[axis] = 0
    }
    return false
  }
}

extension KernelCall {
  /// Calls `body` for each of some planes, on several threads where that pays.
  ///
  /// - Parameter nanoseconds: about what one of them takes.
  @inline(__always)
  func sharePlanes(_ planes: Int, nanoseconds: Int, _ body: (Int) -> Void) {
    ThreadPool.shared.run(
      count: planes, threads: threads, nanoseconds: ThreadPool.work(planes, nanoseconds), body)
  }
}
