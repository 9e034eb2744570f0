internal import SurgeonIR
internal import SurgeonThreads

/// The largest or smallest elements along an axis, and where they stand.
enum TopK: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let x = try tensor.view(as: T.self)
    let axis = try Sizes.axis(call.node.int("axis", default: -1), rank: x.shape.count)
    let (outer, size, inner) = Sizes.split(x.shape, at: axis)
    guard let k = call.node.opset < 10 ? call.node.int("k") : try call.ints(1)?.first, k >= 0,
      k <= size
    else { throw call.failure("k is missing, or more than the \(size) elements of the axis") }
    let takesLargest = call.node.flag("largest", default: true)
    var shape = x.shape
    shape[axis] = k
    let values = try call.output(shape, of: T.self, as: tensor.elementType)
    let indices = try call.output(shape, of: Int64.self)
    ThreadPool.shared.run(
      count: outer * inner, threads: call.threads, nanoseconds: 2 * x.count
    ) { line in
      let (row, column) = (line / inner, line % inner)
      let base = x.base + row * size * inner + column
      let found =
        (base as? UnsafePointer<Float>).map {
          OrderKeys($0, count: size, stride: inner, takesLargest: takesLargest).best(k)
        } ?? best(k, of: size, takesLargest: takesLargest) { base[$0 * inner] }
      for (rank, index) in found.enumerated() {
        let position = (row * k + rank) * inner + column
        values[position] = base[index * inner]
        indices[position] = Int64(index)
      }
    }
    return [values.datum, indices.datum]
  }
}

extension TopK {
  /// The places of the `k` largest (or smallest) of `size` elements, the best first. Of equal ones the
  /// one with the lower index comes first.
  @inline(__always)
  private static func best<T: Arithmetic>(
    _ k: Int, of size: Int, takesLargest: Bool, _ element: (Int) -> T
  ) -> [Int] {
    // Numbers that are none would be in no order: they count as larger than all.
    func precedes(_ a: Int, _ b: Int) -> Bool {
      let (left, right) = (element(a), element(b))
      if left == right { return a < b }
      if left != left, right != right { return a < b }
      let isLarger = left > right || left != left
      return takesLargest ? isLarger : !isLarger
    }
    guard k > 0 else { return [] }
    guard k < size / 2 else { return Array((0..<size).sorted(by: precedes).prefix(k)) }
    // A heap of the best so far, the worst of them on top.
    var heap = Array(0..<k)
    func sink(_ start: Int) {
      var place = start
      let moved = heap[start]
      while 2 * place + 1 < k {
        var child = 2 * place + 1
        if child + 1 < k, precedes(heap[child], heap[child + 1]) { child += 1 }
        guard precedes(moved, heap[child]) else { break }
        heap[place] = heap[child]
        place = child
      }
      heap[place] = moved
    }
    for start in (0..<k / 2).reversed() { sink(start) }
    for index in k..<size where precedes(index, heap[0]) {
      heap[0] = index
      sink(0)
    }
    return heap.sorted(by: precedes)
  }
}

/// The distinct elements (or slices along an axis) of a tensor.
enum Unique {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let rank = tensor.shape.count
    let axis = try call.node.int("axis").map { (axis) throws(SurgeonError) in
      try Sizes.axis(axis, rank: rank)
    }
    // Without an axis every element is a slice of the flattened tensor.
    let (outer, size, inner) =
      axis.map { Sizes.split(tensor.shape, at: $0) } ?? (1, tensor.count, 1)
    let ranks = try ranks(tensor)
    let slices = (0..<size).map { index in
      (0..<outer).flatMap { row in
        (0..<inner).map { ranks[(row * size + index) * inner + $0] }
      }
    }
    var found: [[Int]: Int] = [:]
    var distinct: [(slice: [Int], first: Int, count: Int)] = []
    var memberships: [Int] = []
    for (index, slice) in slices.enumerated() {
      let place = found[slice] ?? distinct.count
      if place == distinct.count {
        found[slice] = place
        distinct.append((slice, index, 0))
      }
      distinct[place].count += 1
      memberships.append(place)
    }
    var order = Array(distinct.indices)
    if call.node.flag("sorted", default: true) {
      order.sort { distinct[$0].slice.lexicographicallyPrecedes(distinct[$1].slice) }
    }
    var places = order
    for (rank, place) in order.enumerated() { places[place] = rank }
    let chosen = order.map { distinct[$0].first }
    var maps: [[Int]?] = Array(repeating: nil, count: axis == nil ? 1 : rank)
    maps[axis ?? 0] = chosen
    let flat = axis == nil ? tensor.reshaped([tensor.count]) : tensor
    return [
      .tensor(try call.mapped(flat, maps)),
      .tensor(Tensor(chosen.map(Int64.init))),
      .tensor(Tensor(memberships.map { Int64(places[$0]) })),
      .tensor(Tensor(order.map { Int64(distinct[$0].count) })),
    ]
  }

  /// For each element its place in the order of all, so that any type compares as an integer.
  private static func ranks(_ tensor: Tensor) throws(SurgeonError) -> [Int] {
    func ranks<E>(_ elements: [E], _ precedes: (E, E) -> Bool) -> [Int] {
      let order = elements.indices.sorted { precedes(elements[$0], elements[$1]) }
      var result = Array(repeating: 0, count: elements.count)
      var rank = 0
      for (place, index) in order.enumerated() {
        if place > 0, precedes(elements[order[place - 1]], elements[index]) { rank += 1 }
        result[index] = rank
      }
      return result
    }
    switch try Numbers(tensor) {
    case .reals(let values): return ranks(values) { $0 < $1 }
    case .integers(let values, let isUnsigned):
      return isUnsigned
        ? ranks(values) { UInt64(bitPattern: $0) < UInt64(bitPattern: $1) }
        : ranks(values) { $0 < $1 }
    case .strings(let values): return ranks(values) { $0.lexicographicallyPrecedes($1) }
    }
  }
}

/// A new axis with one value at the index that the input names, and another elsewhere.
enum OneHot {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let values = try call.tensor(2)
    guard let depth = try call.tensor(1).doubles().first.map({ Int(converting: $0) }),
      depth >= 0, values.count == 2
    else { throw call.failure("depth is no number, or there are not two values") }
    let axis = try Sizes.axis(call.node.int("axis", default: -1), rank: tensor.shape.count + 1)
    var shape = tensor.shape
    shape.insert(depth, at: axis)
    let inner = tensor.shape[axis...].reduce(1, *)
    let chosen = try tensor.doubles().map { number in
      let index = Int(converting: number)
      return index < 0 ? index + depth : index
    }
    if values.elementType != .string, values.elementType.bitWidth >= 8 {
      return [.tensor(try filled(values, chosen, shape, axis, call))]
    }
    let starts = (0..<(try Sizes.count(shape))).map { position in
      let index = position / inner % max(depth, 1)
      let source = position / (inner * max(depth, 1)) * inner + position % inner
      return chosen[source] == index ? 1 : 0
    }
    return [
      .tensor(
        try call.gather(values.reshaped([2]), blocks: starts, length: 1, shape: shape))
    ]
  }

  /// The first of two values everywhere, then the second at the places that are `chosen`.
  private static func filled(
    _ values: Tensor, _ chosen: [Int], _ shape: [Int], _ axis: Int, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    let ones = Array(repeating: 1, count: shape.count)
    let off = try call.strided(values.reshaped([2]), shape: [1], strides: [1])
    let target = try call.copy(of: try call.broadcast(off.reshaped(ones), to: shape))
    let width = values.elementType.bitWidth / 8
    let (_, depth, inner) = Sizes.split(shape, at: axis)
    let source = try values.bytes()
    withExtendedLifetime(source) {
      for (place, index) in chosen.enumerated() where index >= 0 && index < depth {
        let position = (place / inner * depth + index) * inner + place % inner
        UnsafeMutableRawPointer(target.base + position * width)
          .copyMemory(from: source.base + width, byteCount: width)
      }
    }
    return target.tensor
  }
}

extension Int {
  /// Toward zero, clamped, 0 for "not a number".
  init(converting value: Double) { self = Int(Int64(converting: value)) }
}
