internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// MaxPool and AveragePool of channels-last values: what lies in the windows of a row of results is joined
/// line by line, then position by position, each time for all channels.
///
/// What is no number makes the windows that hold it no number, which oneDNN's pools forget.
struct ChannelPool {
  /// Results side by side, and what they read of a line.
  private struct Piece {
    var results: Range<Int>
    /// The first position of a line that is read, and how many of them there are.
    var start: Int
    var width: Int
    var firsts: [Int64]
    var counts: [Int64]
    /// What a mean along the line is one of.
    var sizes: [Float]
  }

  /// One axis of an image: for each index of the results, what its window reads.
  private struct Axis {
    var input = 1
    var dilation = 1
    var firsts = [0]
    var counts = [1]
    /// What a mean along this axis is one of.
    var sizes: [Float] = [1]
    var output: Int { firsts.count }
  }

  /// Three of them, of which the first may be of one index.
  private let axes: [Axis]
  private let pieces: [Piece]
  /// Bytes of the longest piece of a line.
  private let lineBytes: Int
  /// What is joined for a result, at most.
  private let joinedPerResult: Int
  private let isMaximum: Bool
  private let channels: Int
  /// Of the result, without images and channels.
  private let output: [Int]
  /// Floats of a line that are joined before results are made of them: they are to be in a cache then.
  private static let pieceSize = 1 << 14
  private static let shortestPiece = 8

  /// Nil where a window reads nothing at all, and for images of more than three axes.
  ///
  /// - Parameter countsPadding: whether a mean does.
  init?(_ window: Window, channels: Int, isMaximum: Bool, countsPadding: Bool) {
    guard let sizes = window.averagedSizes(countingPadding: countsPadding) else { return nil }
    var axes: [Axis] = []
    // An axis of one index would make lines of one position.
    for axis in window.input.indices where window.input[axis] > 1 || window.kernel[axis] > 1 {
      let inside = (0..<window.output[axis]).map { index in
        window.positions(axis, index, from: 0, to: window.input[axis])
      }
      axes.append(
        Axis(
          input: window.input[axis], dilation: window.dilation[axis], firsts: inside.map(\.first),
          counts: inside.map(\.count), sizes: sizes[axis]))
    }
    guard axes.count <= 3 else { return nil }
    self.axes = Array(repeating: Axis(), count: 3 - axes.count) + axes
    self.isMaximum = isMaximum
    self.channels = channels
    output = window.output
    pieces = Self.pieces(of: self.axes[2], channels: channels)
    lineBytes = (pieces.map(\.width).max() ?? 0) * channels * MemoryLayout<Float>.stride
    let most = self.axes.map { $0.counts.max() ?? 0 }
    joinedPerResult = most[0] * most[1] + most[2]
  }

  private static func pieces(of axis: Axis, channels: Int) -> [Piece] {
    let results = max(shortestPiece, pieceSize * axis.output / (axis.input * channels))
    return stride(from: 0, to: axis.output, by: results).map { begin in
      let results = begin..<min(begin + results, axis.output)
      let ends = results.map { axis.firsts[$0] + (axis.counts[$0] - 1) * axis.dilation + 1 }
      let start = axis.firsts[results].min() ?? 0
      return Piece(
        results: results, start: start, width: (ends.max() ?? start) - start,
        firsts: axis.firsts[results].map { Int64($0 - start) },
        counts: axis.counts[results].map(Int64.init), sizes: Array(axis.sizes[results]))
    }
  }

  /// - Parameter x: channels-last, of as many channels and of the size that the pool was made for.
  func run(_ x: StridedTensor, _ call: KernelCall) throws(SurgeonError) -> StridedTensor {
    let y = try call.result(Array(x.shape[..<2]) + output, .channelsLast)
    let (planes, lines) = (axes[0], axes[1])
    let (lineSize, rowSize) = (axes[2].input * channels, axes[2].output * channels)
    let rows = planes.output * lines.output
    ThreadPool.shared.run(
      count: x.shape[0] * rows * pieces.count, threads: call.threads,
      nanoseconds: ThreadPool.work(y.count, joinedPerResult) / 16, scratchSize: lineBytes,
      inTurns: false
    ) { task, scratch in
      let piece = pieces[task % pieces.count]
      let row = task / pieces.count
      let (plane, line) = (row % rows / lines.output, row % lines.output)
      let firstPlane = row / rows * planes.input + planes.firsts[plane]
      let firstLine = firstPlane * lines.input + lines.firsts[line]
      let place = Place(
        from: x.base + firstLine * lineSize + piece.start * channels,
        planeStep: planes.dilation * lines.input * lineSize, lineStep: lines.dilation * lineSize,
        planes: planes.counts[plane], lines: lines.counts[line],
        size: planes.sizes[plane] * lines.sizes[line],
        to: y.base + row * rowSize + piece.results.lowerBound * channels)
      pool(piece, place, scratch.assumingMemoryBound(to: Float.self))
    }
    withExtendedLifetime((x, y)) {}
    return y
  }

  /// Where a piece of a row of results comes from and goes to.
  private struct Place {
    var from: UnsafePointer<Float>
    var planeStep: Int
    var lineStep: Int
    var planes: Int
    var lines: Int
    /// What a mean across the lines is one of.
    var size: Float
    var to: UnsafeMutablePointer<Float>
  }

  private func pool(_ piece: Piece, _ place: Place, _ line: UnsafeMutablePointer<Float>) {
    let count = place.planes * place.lines
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: count) { lines in
      for index in 0..<count {
        let (plane, line) = (index / place.lines, index % place.lines)
        lines.initializeElement(
          at: index, to: place.from + plane * place.planeStep + line * place.lineStep)
      }
      piece.firsts.withUnsafeBufferPointer { firsts in
        piece.counts.withUnsafeBufferPointer { counts in
          guard let lines = lines.baseAddress, let firsts = firsts.baseAddress,
            let counts = counts.baseAddress
          else { return }
          var pool = ck_channel_pool(
            width: Int64(piece.width), columns: Int64(piece.results.count),
            channels: Int64(channels), firsts: firsts, counts: counts,
            dilation: Int64(axes[2].dilation))
          if isMaximum {
            ck_max_pool_lines(&pool, lines, Int64(count), line, place.to)
          } else {
            ck_average_pool_lines(
              &pool, lines, Int64(count), piece.sizes, place.size, line, place.to)
          }
        }
      }
    }
  }
}
