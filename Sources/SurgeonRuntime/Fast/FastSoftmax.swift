internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// Softmax and LogSoftmax along any dimension of values in either arrangement.
struct FastSoftmax: FastKernel {
  private let isLog: Int32
  private let axis: Int
  /// Before version 13 everything from `axis` on was one dimension.
  private let flattens: Bool

  init?(_ node: NodeDescription) {
    isLog = node.opType == "LogSoftmax" ? 1 : 0
    flattens = node.sinceVersion < 13
    axis = node.int("axis", default: flattens ? 1 : -1)
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), x.count > 0 else { return nil }
    let rank = x.shape.count
    let first = axis < 0 ? axis + rank : axis
    guard first >= 0, first < rank else { return nil }
    let isChannels = !flattens && first == 1 && x.matches(.channelsLast)
    let arrangement: Arrangement = isChannels ? .channelsLast : .rowMajor
    let source = try x.arranged(arrangement)
    let y = try call.result(x.shape, arrangement)
    var (outer, size, inner) = Sizes.split(x.shape, at: first)
    if isChannels { (outer, inner) = (x.count / size, 1) }
    if flattens { (size, inner) = (size * inner, 1) }
    withExtendedLifetime((source, y)) {
      if inner == 1 {
        lines(source.base, y.base, lines: outer, size: size, call)
      } else {
        columns(source.base, y.base, (outer, size, inner), call)
      }
    }
    return [.layout(y)]
  }

  private func lines(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, lines: Int, size: Int,
    _ call: KernelCall
  ) {
    // A multiple of what short lines are taken together by.
    let perTask = max(1, (1 << 13) / size / 64) * 64
    call.share((lines + perTask - 1) / perTask, nanoseconds: lines * size / 2) { task in
      let start = task * perTask
      ck_softmax_lines(
        Int64(min(perTask, lines - start)), Int64(size), x + start * size, y + start * size, isLog)
    }
  }

  private func columns(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ sizes: (outer: Int, size: Int, inner: Int), _ call: KernelCall
  ) {
    let (outer, size, inner) = sizes
    let width = max(128, (1 << 13) / size / 128 * 128)
    let blocks = (inner + width - 1) / width
    call.share(outer * blocks, nanoseconds: outer * size * inner / 4) { task in
      let column = task % blocks * width
      let offset = task / blocks * size * inner + column
      ck_softmax_rows(
        Int64(size), Int64(min(width, inner - column)), x + offset, Int64(inner), y + offset,
        Int64(inner), isLog)
    }
  }
}
