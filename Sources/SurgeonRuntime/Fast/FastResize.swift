internal import CKernels
internal import SurgeonIR

/// Resize and Upsample of spatial dimensions, one after the other: each output line is a weighted sum of a few
/// input lines, which channels-last are contiguous.
struct FastResize: FastKernel {
  private let isUpsample: Bool

  init?(_ node: NodeDescription) { isUpsample = node.opType == "Upsample" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), x.shape.count >= 3, x.count > 0 else { return nil }
    let options = try ResizeOptions(call.node)
    guard ["nearest", "linear", "cubic"].contains(options.mode) else { return nil }
    let axes =
      try isUpsample
      ? Resizing.upsampleAxes(call, x.shape) : Resizing.axes(call, x.shape, options)
    let active = axes.filter {
      $0.scale != 1 || $0.output != $0.input || $0.region != nil
    }
    guard active.allSatisfy({ $0.axis >= 2 && $0.output > 0 }) else { return nil }
    if options.mode == "nearest", x.matches(.rowMajor) {
      return try nearest(x, active, options, call).map { [.layout($0)] }
    }
    var value = try x.arranged(.channelsLast)
    for axis in active {
      var taps: [[(Int, Double)]] = []
      for index in 0..<axis.output {
        guard let entry = entry(options, axis, index) else { return nil }
        taps.append(entry)
      }
      value = try mix(value, axis.axis, taps, call)
    }
    if value === x { x.share() }
    return [.layout(value)]
  }

  /// A row-major value stays so: lines are repeated, the last dimension (on the fewest of them) first.
  private func nearest(
    _ x: StridedTensor, _ active: [Resizing.Axis], _ options: ResizeOptions, _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    var value = x
    for axis in active.sorted(by: { $0.axis > $1.axis }) {
      let places = (0..<axis.output).map { options.nearest(axis, $0) }
      guard places.allSatisfy({ $0 >= 0 }) else { return nil }
      let (outer, size, inner) = Sizes.split(value.shape, at: axis.axis)
      var shape = value.shape
      shape[axis.axis] = axis.output
      let y = try call.result(shape, .rowMajor)
      let factor = max(1, axis.output / size)
      let isWhole =
        factor * size == axis.output && places.indices.allSatisfy { places[$0] == $0 / factor }
      let (from, to) = (value.base, y.base)
      let perTask = max(1, (1 << 13) / (axis.output * inner))
      call.share((outer + perTask - 1) / perTask, nanoseconds: y.count / 4) { task in
        for row in task * perTask..<min(outer, (task + 1) * perTask) {
          let (source, target) = (from + row * size * inner, to + row * axis.output * inner)
          if inner == 1, isWhole {
            ck_repeat(Int64(size), Int64(factor), source, target)
          } else if inner == 1 {
            for index in places.indices { target[index] = source[places[index]] }
          } else {
            for index in places.indices {
              (target + index * inner).update(from: source + places[index] * inner, count: inner)
            }
          }
        }
      }
      withExtendedLifetime(value) {}
      value = y
    }
    if value === x { x.share() }
    return value
  }

  /// The input positions of an output position with their weights; nil outside of the input.
  private func entry(
    _ options: ResizeOptions, _ axis: Resizing.Axis, _ index: Int
  ) -> [(Int, Double)]? {
    guard options.mode == "nearest" else { return options.taps(axis, index) }
    let position = options.nearest(axis, index)
    return position < 0 ? nil : [(position, 1)]
  }

  private func mix(
    _ x: StridedTensor, _ axis: Int, _ taps: [[(Int, Double)]], _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor {
    var shape = x.shape
    shape[axis] = taps.count
    let y = try call.result(shape, .channelsLast)
    // The elements of one index of the axis: later spatial dimensions and the channels.
    let inner = x.shape[(axis + 1)...].reduce(x.shape[1], *)
    let outer = x.shape[0] * x.shape[2..<axis].reduce(1, *)
    let size = x.shape[axis]
    let weights = taps.map { $0.map { Float($0.1) } }
    let positions = taps.map { $0.map { Int64($0.0 * inner) } }
    call.share(outer, nanoseconds: y.count / 4) { row in
      for index in 0..<taps.count {
        ck_mix(
          Int64(inner), Int32(taps[index].count), positions[index], weights[index],
          x.base + row * size * inner, y.base + (row * taps.count + index) * inner)
      }
    }
    return y
  }
}
