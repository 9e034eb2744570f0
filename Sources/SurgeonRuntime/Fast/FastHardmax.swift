internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// Hardmax along lines.
struct FastHardmax: FastKernel {
  private let axis: Int
  /// Before version 13 everything from `axis` on was one dimension.
  private let flattens: Bool

  init?(_ node: NodeDescription) {
    flattens = node.opset < 13
    axis = node.int("axis", default: flattens ? 1 : -1)
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0, .rowMajor), x.count > 0 else { return nil }
    let first = axis < 0 ? axis + x.shape.count : axis
    guard first >= 0, first < x.shape.count else { return nil }
    let (outer, size, inner) = Sizes.split(x.shape, at: first)
    guard flattens || inner == 1, size * inner < Int(Int32.max) else { return nil }
    let (length, y) = (size * inner, try call.result(x.shape, .rowMajor))
    let (source, target) = (x.base, y.base)
    let perTask = max(1, (1 << 13) / length)
    call.share((outer + perTask - 1) / perTask, nanoseconds: x.count / 4) { task in
      let lines = task * perTask..<min(outer, (task + 1) * perTask)
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: lines.count) { places in
        guard let base = places.baseAddress else { return }
        let start = lines.lowerBound * length
        ck_extreme_lines(
          Int64(lines.count), Int64(length), source + start, Int64(length), 0, 0, base)
        (target + start).update(repeating: 0, count: lines.count * length)
        for line in lines { target[line * length + Int(base[line - lines.lowerBound])] = 1 }
      }
    }
    withExtendedLifetime((x, y)) {}
    return [.layout(y)]
  }
}
