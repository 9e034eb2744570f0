internal import CKernels
internal import SurgeonIR

/// ReduceLogSumExp over dimensions that follow each other.
struct FastLogSumExp: FastKernel {
  init?(_ node: NodeDescription) {}

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0, .rowMajor), x.count > 0 else { return nil }
    let plan = try ReducedAxes(call, shape: x.shape)
    guard let first = plan.reduced.first, let last = plan.reduced.last,
      plan.reduced.count == last - first + 1
    else { return nil }
    let outer = x.shape[..<first].reduce(1, *)
    let inner = x.shape[(last + 1)...].reduce(1, *)
    let size = plan.length
    let y = try call.result(plan.resultShape, .rowMajor)
    let (source, target) = (x.base, y.base)
    if inner == 1 {
      let perTask = max(1, (1 << 13) / size)
      call.share((outer + perTask - 1) / perTask, nanoseconds: x.count / 2) { task in
        let start = task * perTask
        ck_log_sum_exp_lines(
          Int64(min(perTask, outer - start)), Int64(size), source + start * size, target + start)
      }
    } else {
      let width = max(128, (1 << 13) / size / 128 * 128)
      let blocks = (inner + width - 1) / width
      call.share(outer * blocks, nanoseconds: x.count / 2) { task in
        let (plane, column) = (task / blocks, task % blocks * width)
        ck_log_sum_exp_rows(
          Int64(size), Int64(min(width, inner - column)), source + plane * size * inner + column,
          Int64(inner), target + plane * inner + column)
      }
    }
    withExtendedLifetime((x, y)) {}
    return [.layout(y)]
  }
}
