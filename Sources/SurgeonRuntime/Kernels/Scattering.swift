internal import SurgeonIR

/// ScatterElements, ScatterND and their predecessor Scatter: a tensor with some elements replaced
/// by (or combined with) updates.
enum Scattering {
  @Sendable static func elements(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let data = try call.tensor(0)
    let updates = try call.tensor(2)
    guard try call.tensor(1).shape == updates.shape else {
      throw call.failure("indices and updates differ in shape")
    }
    if try isPlain(call, data, updates), let rows = try ElementRows(call, data) {
      return [.tensor(try rows.scatter(updates, into: data, call))]
    }
    let positions = try Gathering.elementPositions(call, data)
    return [.tensor(try scatter(call, data, updates, positions))]
  }

  @Sendable static func slices(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let data = try call.tensor(0)
    let updates = try call.tensor(2)
    let shape = try call.tensor(1).shape
    let indices = try call.indices(1)
    guard let depth = shape.last, depth <= data.shape.count,
      updates.shape == Array(shape.dropLast()) + Array(data.shape[depth...])
    else { throw call.failure("indices, updates and data do not fit together") }
    let strides = data.shape.rowMajorStrides
    let length = data.shape[depth...].reduce(1, *)
    let tuples = shape.dropLast().reduce(1, *)
    var starts: [Int] = []
    starts.reserveCapacity(tuples)
    for tuple in 0..<tuples {
      var start = 0
      for axis in 0..<depth {
        let index = Int(indices[tuple * depth + axis])
        start += strides[axis] * (try Gathering.index(index, of: data.shape[axis]))
      }
      starts.append(start)
    }
    if try isPlain(call, data, updates) {
      let target = try call.copy(of: data)
      let source = try updates.bytes()
      let width = data.elementType.bitWidth / 8
      guard source.count >= updates.count * width else {
        throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
      }
      let size = length * width
      withExtendedLifetime(source) {
        for (tuple, start) in starts.enumerated() {
          let (from, to) = (
            source.base + tuple * size, UnsafeMutableRawPointer(target.base + start * width)
          )
          // A call for four bytes would take longer than they do.
          if size == 4 {
            to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
          } else {
            to.copyMemory(from: from, byteCount: size)
          }
        }
      }
      return [.tensor(target.tensor)]
    }
    let positions = starts.flatMap { start in start..<(start + length) }
    return [.tensor(try scatter(call, data, updates, positions))]
  }

  /// True where elements of whole bytes are replaced.
  private static func isPlain(
    _ call: KernelCall, _ data: Tensor, _ updates: Tensor
  ) throws(SurgeonError) -> Bool {
    guard data.elementType == updates.elementType else {
      throw call.failure("data and updates differ in element type")
    }
    return call.node.string("reduction", default: "none") == "none"
      && data.elementType != .string && data.elementType.bitWidth >= 8
  }

  private static func scatter(
    _ call: KernelCall, _ data: Tensor, _ updates: Tensor, _ positions: [Int]
  ) throws(SurgeonError) -> Tensor {
    guard data.elementType == updates.elementType else {
      throw call.failure("data and updates differ in element type")
    }
    let reduction = call.node.string("reduction", default: "none")
    if reduction != "none" {
      guard let combine = reductions[reduction] else {
        throw call.failure("there is no reduction '\(reduction)'")
      }
      return try combined(data, updates, positions, combine)
    }
    // The updates behind the data make one tensor to gather from.
    let count = data.count
    let both = try call.concatenated(
      [data.reshaped([count]), updates.reshaped([updates.count])], axis: 0)
    var starts = Array(0..<count)
    for (index, position) in positions.enumerated() { starts[position] = count + index }
    return try call.gather(both, blocks: starts, length: 1, shape: data.shape)
  }

  /// What to do with the old number and an update.
  private struct Combination: Sendable {
    let reals: @Sendable (Double, Double) -> Double
    let integers: @Sendable (Int64, Int64) -> Int64
  }

  private static let reductions: [String: Combination] = [
    "add": Combination(reals: { $0 + $1 }, integers: { $0 &+ $1 }),
    "mul": Combination(reals: { $0 * $1 }, integers: { $0 &* $1 }),
    "max": Combination(reals: { max($0, $1) }, integers: { max($0, $1) }),
    "min": Combination(reals: { min($0, $1) }, integers: { min($0, $1) }),
  ]

  private static func combined(
    _ data: Tensor, _ updates: Tensor, _ positions: [Int], _ combine: Combination
  ) throws(SurgeonError) -> Tensor {
    switch (try Numbers(data), try Numbers(updates)) {
    case (.reals(var values), .reals(let news)):
      for (position, new) in Swift.zip(positions, news) {
        values[position] = combine.reals(values[position], new)
      }
      return try .converting(values, to: data.elementType, shape: data.shape)
    case (.integers(var values, _), .integers(let news, _)):
      for (position, new) in Swift.zip(positions, news) {
        values[position] = combine.integers(values[position], new)
      }
      return try .truncating(values, to: data.elementType, shape: data.shape)
    default:
      throw SurgeonError(
        .unsupportedOperator, "elements of type \(data.elementType.name) cannot be combined")
    }
  }
}
