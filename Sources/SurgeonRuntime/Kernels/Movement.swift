internal import SurgeonIR

/// Operators that hand on, rearrange or repeat elements.
enum Movement {
  @Sendable static func identity(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    [try call.datum(0)]
  }

  @Sendable static func transpose(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let rank = tensor.shape.count
    let order = try Sizes.axes(
      call.node.ints("perm") ?? Array((0..<rank).reversed()), rank: rank)
    guard order.count == rank else {
      throw call.failure("'perm' has \(order.count) axes for a tensor of rank \(rank)")
    }
    return [.tensor(try transposed(tensor, order, call))]
  }

  static func transposed(
    _ tensor: Tensor, _ order: [Int], _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    let strides = tensor.shape.rowMajorStrides
    return try call.strided(
      tensor, shape: order.map { tensor.shape[$0] }, strides: order.map { strides[$0] })
  }

  @Sendable static func concat(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    var tensors: [Tensor] = []
    for slot in call.inputs.indices { tensors.append(try call.tensor(slot)) }
    guard let rank = tensors.first?.shape.count else { throw call.failure("there is no input") }
    // Version 1 has a default.
    guard let number = call.node.int("axis") ?? (call.node.opset < 4 ? 1 : nil) else {
      throw call.failure("attribute 'axis' is missing")
    }
    return [.tensor(try call.concatenated(tensors, axis: try Sizes.axis(number, rank: rank)))]
  }

  @Sendable static func split(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let axis = try Sizes.axis(call.node.int("axis", default: 0), rank: tensor.shape.count)
    let size = tensor.shape[axis]
    let sizes: [Int]
    if let given = try call.ints(1) ?? call.node.ints("split") {
      sizes = given
    } else {
      let parts = call.node.int("num_outputs") ?? call.node.outputNames.count
      guard parts > 0, parts <= 1 << 20 else { throw call.failure("there are no parts") }
      guard size % parts == 0 || call.node.opset >= 18 else {
        throw call.failure("\(size) elements do not split into \(parts) equal parts")
      }
      let chunk = (size + parts - 1) / parts
      sizes = (0..<parts).map { max(0, min(chunk, size - $0 * chunk)) }
    }
    guard sizes.allSatisfy({ $0 >= 0 && $0 <= size }), sizes.reduce(0, +) == size else {
      throw call.failure("the parts \(sizes) do not add up to \(size)")
    }
    var results: [Datum?] = []
    var start = 0
    for part in sizes {
      results.append(.tensor(try slice(tensor, axis: axis, start..<(start + part), call)))
      start += part
    }
    return results
  }

  /// The indices `range` of an axis.
  static func slice(
    _ tensor: Tensor, axis: Int, _ range: Range<Int>, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    let (outer, size, inner) = Sizes.split(tensor.shape, at: axis)
    var shape = tensor.shape
    shape[axis] = range.count
    let length = range.count * inner
    let starts = length == 0 ? [] : (0..<outer).map { ($0 * size + range.lowerBound) * inner }
    return try call.gather(tensor, blocks: starts, length: length, shape: shape)
  }

  @Sendable static func slice(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let (shape, strides, offset) = try sliced(call, tensor.shape, tensor.shape.rowMajorStrides)
    if shape.contains(0) {
      return [.tensor(try call.gather(tensor, blocks: [], length: 0, shape: shape))]
    }
    return [
      .tensor(try call.strided(tensor, shape: shape, strides: strides, offset: offset))
    ]
  }

  /// What a Slice node leaves of a value of the given shape and strides, and where it begins.
  static func sliced(
    _ call: KernelCall, _ whole: [Int], _ distances: [Int]
  ) throws(SurgeonError) -> (shape: [Int], strides: [Int], offset: Int) {
    let rank = whole.count
    let isOld = call.node.opset < 10
    guard let starts = isOld ? call.node.ints("starts") : try call.ints(1),
      let ends = isOld ? call.node.ints("ends") : try call.ints(2)
    else { throw call.failure("starts or ends are missing") }
    let given = isOld ? call.node.ints("axes") : try call.ints(3)
    let axes = try Sizes.axes(given ?? Array(0..<min(starts.count, rank)), rank: rank)
    let steps = isOld ? nil : try call.ints(4)
    guard starts.count == ends.count, axes.count == starts.count,
      steps.map({ $0.count == starts.count && !$0.contains(0) }) ?? true
    else { throw call.failure("starts, ends, axes and steps do not fit together") }
    var (shape, strides, offset) = (whole, distances, 0)
    for (index, axis) in axes.enumerated() {
      let size = shape[axis]
      let step = steps?[index] ?? 1
      func clamped(_ position: Int, _ low: Int, _ high: Int) -> Int {
        let absolute = position < 0 ? position.addingReportingOverflow(size).partialValue : position
        return min(max(absolute, low), high)
      }
      let isForward = step > 0
      let start = isForward ? clamped(starts[index], 0, size) : clamped(starts[index], -1, size - 1)
      let end = isForward ? clamped(ends[index], 0, size) : clamped(ends[index], -1, size - 1)
      let distance = isForward ? end - start : start - end
      let pace = step.magnitude > UInt(max(size, 1)) ? max(size, 1) : Int(step.magnitude)
      shape[axis] = distance <= 0 ? 0 : (distance + pace - 1) / pace
      if shape[axis] > 0 { offset += start * strides[axis] }
      strides[axis] *= isForward ? pace : -pace
    }
    return (shape, strides, offset)
  }

  @Sendable static func expand(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    guard let shape = try call.ints(1) else { throw call.failure("the shape is missing") }
    return [.tensor(try call.broadcast(tensor, to: try Sizes.broadcast(tensor.shape, shape)))]
  }

  @Sendable static func tile(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    var repeats: [Int]
    if call.node.opset < 6 {
      // Version 1: how often to repeat along one axis.
      guard let tiles = try call.ints(1)?.first, let number = try call.ints(2)?.first else {
        throw call.failure("tiles or axis are missing")
      }
      repeats = Array(repeating: 1, count: tensor.shape.count)
      repeats[try Sizes.axis(number, rank: tensor.shape.count)] = tiles
    } else {
      repeats = try call.ints(1) ?? []
    }
    guard repeats.count == tensor.shape.count, repeats.allSatisfy({ $0 >= 0 }) else {
      throw call.failure("the repeats \(repeats) do not fit the shape \(tensor.shape)")
    }
    let strides = tensor.shape.rowMajorStrides
    var target: [Int] = []
    var wide: [Int] = []
    var steps: [Int] = []
    for (axis, count) in repeats.enumerated() {
      wide += [count, tensor.shape[axis]]
      steps += [0, strides[axis]]
      let (size, overflow) = count.multipliedReportingOverflow(by: tensor.shape[axis])
      guard !overflow else { throw call.failure("the result is too large") }
      target.append(size)
    }
    if try Sizes.count(target) == 0 {
      return [.tensor(try call.gather(tensor, blocks: [], length: 0, shape: target))]
    }
    if let tiled = try TiledCopy(tensor, repeats: repeats, target: target)?.run(call) {
      return [.tensor(tiled)]
    }
    return [.tensor(try call.strided(tensor, shape: wide, strides: steps).reshaped(target))]
  }

  @Sendable static func depthToSpace(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let block = call.node.int("blocksize", default: 0)
    let shape = tensor.shape
    guard shape.count == 4, block > 0, block < 1 << 20, shape[1] % (block * block) == 0 else {
      throw call.failure("the channels do not split into blocks of \(block) x \(block)")
    }
    let channels = shape[1] / (block * block)
    let isColumnsFirst = call.node.string("mode", default: "DCR") == "DCR"
    let split =
      isColumnsFirst
      ? [shape[0], block, block, channels, shape[2], shape[3]]
      : [shape[0], channels, block, block, shape[2], shape[3]]
    let order = isColumnsFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]
    let result = try transposed(tensor.reshaped(split), order, call)
    return [
      .tensor(result.reshaped([shape[0], channels, shape[2] * block, shape[3] * block]))
    ]
  }

  @Sendable static func spaceToDepth(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let block = call.node.int("blocksize", default: 0)
    let shape = tensor.shape
    guard shape.count == 4, block > 0, shape[2] % block == 0, shape[3] % block == 0 else {
      throw call.failure("the image does not split into blocks of \(block) x \(block)")
    }
    let (height, width) = (shape[2] / block, shape[3] / block)
    let split = [shape[0], shape[1], height, block, width, block]
    // The mode CRD (version 28) keeps the channels outermost.
    let isColumnsFirst = call.node.string("mode", default: "DCR") == "DCR"
    let order = isColumnsFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]
    let result = try transposed(tensor.reshaped(split), order, call)
    return [.tensor(result.reshaped([shape[0], shape[1] * block * block, height, width]))]
  }
}
