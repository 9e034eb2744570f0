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
    // Results are row-major in the end: to arrange what is enlarged takes less than what it became.
    let isEnlarged = call.node.endsGraph && active.allSatisfy { $0.output >= $0.input }
    if options.mode == "nearest", x.matches(.rowMajor) || isEnlarged {
      let plain = try x.arranged(.rowMajor)
      return try nearest(plain, active, options, call).map { [.layout($0)] }
    }
    var steps: [(axis: Int, taps: [[(Int, Double)]])] = []
    for axis in Self.order(active) {
      var taps: [[(Int, Double)]] = []
      for index in 0..<axis.output {
        guard let entry = entry(options, axis, index) else { return nil }
        taps.append(entry)
      }
      steps.append((axis.axis, taps))
    }
    // The largest value is made row-major at once: along another dimension than the last, whole
    // lines are summed in either arrangement.
    let endsInLines = isEnlarged && steps.last.map { $0.axis < x.shape.count - 1 } ?? false
    let last = endsInLines ? steps.removeLast() : nil
    var value = try x.arranged(.channelsLast)
    for step in steps { value = try mix(value, step.axis, step.taps, .channelsLast, call) }
    if let last {
      value = try mix(try value.arranged(.rowMajor), last.axis, last.taps, .rowMajor, call)
    }
    if value === x { x.share() }
    return [.layout(value)]
  }

  /// Lines along a later dimension are shorter, and take longer for each element: such a dimension
  /// comes while the value is small, after those before it have shrunk or before they grow.
  private static func order(_ axes: [Resizing.Axis]) -> [Resizing.Axis] {
    let ascending = axes.sorted { $0.axis < $1.axis }
    return ascending.filter { $0.output < $0.input }
      + ascending.reversed().filter { $0.output >= $0.input }
  }

  /// A row-major value stays so: lines are repeated, the last dimension (on the fewest of them) first.
  private func nearest(
    _ x: StridedTensor, _ active: [Resizing.Axis], _ options: ResizeOptions, _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    if let y = try repeated(x, active, options, call) { return y }
    var value = x
    for axis in active.sorted(by: { $0.axis > $1.axis }) {
      let places = (0..<axis.output).map { options.nearest(axis, $0) }
      guard places.allSatisfy({ $0 >= 0 }) else { return nil }
      let (outer, size, inner) = Sizes.split(value.shape, at: axis.axis)
      var shape = value.shape
      shape[axis.axis] = axis.output
      let y = try call.result(shape, .rowMajor)
      let factor = Self.factor(axis, places)
      let (from, to) = (value.base, y.base)
      let perTask = max(1, (1 << 13) / (axis.output * inner))
      call.share((outer + perTask - 1) / perTask, nanoseconds: y.count / 4) { task in
        for row in task * perTask..<min(outer, (task + 1) * perTask) {
          let (source, target) = (from + row * size * inner, to + row * axis.output * inner)
          if inner == 1, let factor {
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

  /// How often each position is repeated, where that is all; nil otherwise.
  private static func factor(_ axis: Resizing.Axis, _ places: [Int]) -> Int? {
    let factor = max(1, axis.output / max(1, axis.input))
    guard factor * axis.input == axis.output,
      places.indices.allSatisfy({ places[$0] == $0 / factor })
    else { return nil }
    return factor
  }

  /// The last two dimensions in one pass, where their elements are repeated; nil otherwise.
  private func repeated(
    _ x: StridedTensor, _ active: [Resizing.Axis], _ options: ResizeOptions, _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    let rank = x.shape.count
    let axes = active.sorted { $0.axis < $1.axis }
    guard axes.map(\.axis) == [rank - 2, rank - 1] else { return nil }
    let factors = axes.compactMap { axis in
      Self.factor(axis, (0..<axis.output).map { options.nearest(axis, $0) })
    }
    guard factors.count == 2 else { return nil }
    var shape = x.shape
    (shape[rank - 2], shape[rank - 1]) = (axes[0].output, axes[1].output)
    let y = try call.result(shape, .rowMajor)
    let (width, length) = (x.shape[rank - 1], shape[rank - 1])
    let lines = x.count / width
    let (from, to) = (x.base, y.base)
    let perTask = max(1, (1 << 13) / (length * factors[0]))
    call.share((lines + perTask - 1) / perTask, nanoseconds: y.count / 8) { task in
      for line in task * perTask..<min(lines, (task + 1) * perTask) {
        let target = to + line * factors[0] * length
        ck_repeat(Int64(width), Int64(factors[1]), from + line * width, target)
        for copy in 1..<factors[0] {
          (target + copy * length).update(from: target, count: length)
        }
      }
    }
    withExtendedLifetime(x) {}
    return y
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
    _ x: StridedTensor, _ axis: Int, _ taps: [[(Int, Double)]], _ arrangement: Arrangement,
    _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor {
    var shape = x.shape
    shape[axis] = taps.count
    let y = try call.result(shape, arrangement)
    // The elements of one index of the axis, and how often they follow each other.
    let channels = x.shape[1]
    var inner = x.shape[(axis + 1)...].reduce(1, *)
    var outer = x.shape[0] * x.shape[2..<axis].reduce(1, *)
    if arrangement == .rowMajor { outer *= channels } else { inner *= channels }
    let size = x.shape[axis]
    let weights = taps.map { $0.map { Float($0.1) } }
    let positions = taps.map { $0.map { Int64($0.0 * inner) } }
    call.share(outer, nanoseconds: y.count / 4) { [inner] row in
      for index in 0..<taps.count {
        ck_mix(
          Int64(inner), Int32(taps[index].count), positions[index], weights[index],
          x.base + row * size * inner, y.base + (row * taps.count + index) * inner)
      }
    }
    return y
  }
}
