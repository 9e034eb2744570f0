internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// ArgMax and ArgMin: along lines, or down the columns of the dimension that is fastest.
struct FastArgExtremum: FastKernel {
  private let isSmallest: Int32
  private let takesLast: Int32
  private let axis: Int
  private let keepsAxis: Bool

  init?(_ node: NodeDescription) {
    isSmallest = node.opType == "ArgMin" ? 1 : 0
    takesLast = node.flag("select_last_index") ? 1 : 0
    axis = node.int("axis", default: 0)
    keepsAxis = node.flag("keepdims", default: true)
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let given = try call.strided(0), given.count > 0, given.count < Int(Int32.max) else {
      return nil
    }
    let axis = axis < 0 ? axis + given.shape.count : axis
    guard axis >= 0, axis < given.shape.count else { return nil }
    // The places of the channels' extremes are in the standard's order in either arrangement.
    let isChannels = axis == 1 && given.matches(.channelsLast)
    let x = isChannels ? given : try given.arranged(.rowMajor)
    var (outer, size, inner) = Sizes.split(x.shape, at: axis)
    if isChannels { (outer, inner) = (x.count / size, 1) }
    var shape = x.shape
    if keepsAxis { shape[axis] = 1 } else { shape.remove(at: axis) }
    let y = try call.output(shape, of: Int64.self)
    let (base, places) = (x.base, y.base)
    let count = x.count
    if inner == 1 {
      let perTask = max(1, (1 << 13) / size)
      call.share((outer + perTask - 1) / perTask, nanoseconds: count / 8) { task in
        let start = task * perTask
        ck_extreme_lines(
          Int64(min(perTask, outer - start)), Int64(size), base + start * size, Int64(size),
          isSmallest, takesLast, places + start)
      }
    } else {
      let width = max(256, (1 << 13) / size)
      let blocks = (inner + width - 1) / width
      call.share(outer * blocks, nanoseconds: count / 8) { task in
        let (row, column) = (task / blocks, task % blocks * width)
        ck_extreme_rows(
          Int64(size), Int64(min(width, inner - column)), base + row * size * inner + column,
          Int64(inner), isSmallest, takesLast, places + row * inner + column)
      }
    }
    withExtendedLifetime(x) {}
    return [.datum(y.datum)]
  }
}
