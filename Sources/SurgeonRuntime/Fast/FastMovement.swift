internal import SurgeonIR

/// Identity, and Dropout where nothing is dropped: the value as it is, in whatever arrangement.
struct FastPassThrough: FastKernel {
  init?(_ node: NodeDescription) {
    guard node.opType == "Dropout" else { return }
    // Training mode is an input from version 12 on, and was an attribute before version 7.
    let isTraining = node.hasInput.count > 2 && node.hasInput[2]
    guard !isTraining, !node.needsOutput(1), node.opset >= 7 else { return nil }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    // A node without its input is left to the other engine, which says so.
    guard call.has(0) else { return nil }
    if case .layout(let layout)? = call.inputs[0] { layout.share() }
    return [call.inputs[0]]
  }
}

/// Shape without looking at the elements.
struct FastShape: FastKernel {
  private let start: Int
  private let end: Int?

  init?(_ node: NodeDescription) {
    start = node.int("start", default: 0)
    end = node.int("end")
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let shape = call.inputs.first??.shape else { return nil }
    func bound(_ value: Int) -> Int {
      min(max(value < 0 ? value + shape.count : value, 0), shape.count)
    }
    let first = bound(start)
    let last = max(first, bound(end ?? shape.count))
    return [.tensor(Tensor(shape[first..<last].map(Int64.init)))]
  }
}

/// Concat: each input is copied once, into its place.
struct FastConcat: FastKernel {
  private let axis: Int

  init?(_ node: NodeDescription) {
    axis = node.int("axis", default: 1)
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    var parts: [StridedTensor] = []
    for slot in call.inputs.indices {
      guard let part = try call.strided(slot) else { return nil }
      parts.append(part)
    }
    guard var shape = parts.first?.shape else { return nil }
    let axis = axis < 0 ? axis + shape.count : axis
    guard axis >= 0, axis < shape.count else { return nil }
    shape[axis] = 0
    for part in parts {
      guard part.shape.count == shape.count else { return nil }
      for (position, size) in part.shape.enumerated() where position != axis {
        guard size == shape[position] else { return nil }
      }
      shape[axis] += part.shape[axis]
    }
    let y = try call.result(
      shape, parts.contains { $0.arrangement == .channelsLast } ? .channelsLast : .rowMajor)
    var offset = 0
    for part in parts {
      let place = y.alias(shape: part.shape, strides: y.strides, offset: offset * y.strides[axis])
      StridedCopy.copy(part, to: place, threads: call.threads)
      offset += part.shape[axis]
    }
    return [.layout(y)]
  }
}

/// Split as views of the whole.
struct FastSplit: FastKernel {
  private let axis: Int

  init?(_ node: NodeDescription) {
    axis = node.int("axis", default: 0)
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard call.has(0), let x = try call.strided(0), case .layout? = call.inputs[0] else {
      return nil
    }
    let axis = axis < 0 ? axis + x.shape.count : axis
    let parts = call.node.usesOutput.count
    guard axis >= 0, axis < x.shape.count, parts > 0 else { return nil }
    var given = call.node.ints("split")
    if given == nil { given = try call.ints(1) }
    let size = (x.shape[axis] + parts - 1) / parts
    let sizes = given ?? (0..<parts).map { max(0, min(size, x.shape[axis] - $0 * size)) }
    guard sizes.count == parts, sizes.reduce(0, +) == x.shape[axis], sizes.allSatisfy({ $0 > 0 })
    else { return nil }
    var results: [RuntimeValue?] = []
    var offset = 0
    for size in sizes {
      var shape = x.shape
      shape[axis] = size
      results.append(
        .layout(x.view(shape: shape, strides: x.strides, offset: offset * x.strides[axis])))
      offset += size
    }
    return results
  }
}

/// Slice as a view, of values that this engine has made; backwards it is the other engine's.
struct FastSlice: FastKernel {
  init?(_ node: NodeDescription) {}

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard call.has(0), case .layout? = call.inputs[0], let x = try call.strided(0) else {
      return nil
    }
    let (shape, strides, offset) = try Movement.sliced(call, x.shape, x.strides)
    guard shape.allSatisfy({ $0 > 0 }), strides.allSatisfy({ $0 >= 0 }) else { return nil }
    return [.layout(x.view(shape: shape, strides: strides, offset: offset))]
  }
}

/// Transpose as a view.
struct FastTranspose: FastKernel {
  private let permutation: [Int]?

  init?(_ node: NodeDescription) {
    permutation = node.ints("perm")
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0) else { return nil }
    let order = permutation ?? x.shape.indices.reversed()
    guard order.sorted() == Array(x.shape.indices) else { return nil }
    return [.layout(x.view(shape: order.map { x.shape[$0] }, strides: order.map { x.strides[$0] }))]
  }
}

/// Reshape of values that are not row-major, where it keeps channels fastest: splitting channels
/// into groups is a view, and joining them again copies once, into a channels-last value. Joining a
/// group's channels and positions copies nothing either, see `GroupedTensor`.
///
/// Flatten, Squeeze and Unsqueeze are other ways to say a shape.
struct FastReshape: FastKernel {
  init?(_ node: NodeDescription) {}

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard call.has(0), case .layout(let layout)? = call.inputs[0] else { return nil }
    if let grouped = layout as? GroupedTensor {
      guard try Self.shape(call, of: grouped.shape) == grouped.source.shape else { return nil }
      if !call.ownsInput(0) { grouped.share() }
      return [.layout(grouped.source)]
    }
    guard let x = layout as? StridedTensor, x.count > 0, !x.matches(.rowMajor),
      let shape = try Self.shape(call, of: x.shape)
    else { return nil }
    guard shape.allSatisfy({ $0 > 0 }), shape.reduce(1, *) == x.count else { return nil }
    if let strides = Self.strides(x.shape, x.strides, under: shape) {
      return [.layout(x.view(shape: shape, strides: strides))]
    }
    if let grouped = GroupedTensor(x, shape: shape) {
      if !call.ownsInput(0) { grouped.share() }
      return [.layout(grouped)]
    }
    let whole = Arrangement.channelsLast.strides(for: shape)
    guard shape.count > 2, let strides = Self.strides(shape, whole, under: x.shape) else {
      return nil
    }
    let y = try call.result(shape, .channelsLast)
    StridedCopy.copy(x, to: y.alias(shape: x.shape, strides: strides), threads: call.threads)
    call.context.countReorder()
    return [.layout(y)]
  }

  /// The shape that the node asks for; nil where it does not fit.
  private static func shape(_ call: KernelCall, of old: [Int]) throws(SurgeonError) -> [Int]? {
    switch call.node.opType {
    case "Flatten":
      let axis = call.node.int("axis", default: 1)
      let first = axis < 0 ? axis + old.count : axis
      guard first >= 0, first <= old.count else { return nil }
      return [old[..<first].reduce(1, *), old[first...].reduce(1, *)]
    case "Squeeze", "Unsqueeze":
      var given = call.node.ints("axes")
      if given == nil { given = try call.ints(1) }
      if call.node.opType == "Squeeze" {
        let axes = given.map { Set($0.map { $0 < 0 ? $0 + old.count : $0 }) }
        return old.indices.filter { !(axes?.contains($0) ?? (old[$0] == 1)) }.map { old[$0] }
      }
      guard let given else { return nil }
      let rank = old.count + given.count
      let axes = Set(given.map { $0 < 0 ? $0 + rank : $0 })
      guard axes.count == given.count, axes.allSatisfy({ (0..<rank).contains($0) }) else {
        return nil
      }
      var rest = old.makeIterator()
      return (0..<rank).map { axes.contains($0) ? 1 : rest.next() ?? 1 }
    default:
      var given = call.node.ints("shape")
      if given == nil { given = try call.ints(1) }
      guard var shape = given else { return nil }
      let allowsZero = call.node.flag("allowzero")
      for axis in shape.indices where shape[axis] == 0 && !allowsZero && axis < old.count {
        shape[axis] = old[axis]
      }
      guard let free = shape.firstIndex(of: -1) else { return shape }
      shape[free] = 1
      let rest = shape.reduce(1, *)
      let count = old.reduce(1, *)
      guard rest > 0, count % rest == 0 else { return nil }
      shape[free] = count / rest
      return shape
    }
  }

  /// Strides of the same elements under another shape, nil where no strides say it.
  static func strides(_ shape: [Int], _ strides: [Int], under other: [Int]) -> [Int]? {
    let old = shape.indices.filter { shape[$0] != 1 }
    var result = Array(repeating: 0, count: other.count)
    var (from, to) = (0, 0)
    while from < old.count {
      // The smallest group of old dimensions that is a group of new ones.
      let firstOld = from
      let firstNew = to
      var oldCount = shape[old[from]]
      var newCount = 1
      from += 1
      while newCount != oldCount {
        if newCount < oldCount {
          guard to < other.count else { return nil }
          newCount *= other[to]
          to += 1
        } else {
          guard from < old.count else { return nil }
          oldCount *= shape[old[from]]
          from += 1
        }
      }
      // The old ones have to be one dimension in memory.
      for position in firstOld..<(from - 1) {
        let (outer, inner) = (old[position], old[position + 1])
        guard strides[outer] == shape[inner] * strides[inner] else { return nil }
      }
      var next = strides[old[from - 1]]
      for axis in (firstNew..<to).reversed() {
        result[axis] = next
        next *= other[axis]
      }
    }
    return result
  }
}
