internal import SurgeonIR

/// Operators that look elements up by index.
enum Gathering {
  /// A possibly negative index into an axis of `size` elements.
  static func index(_ index: Int, of size: Int) throws(SurgeonError) -> Int {
    guard index >= -size, index < size else {
      throw SurgeonError(.invalidNode, "index \(index) lies outside of an axis of size \(size)")
    }
    return index < 0 ? index + size : index
  }

  @Sendable static func gather(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let axis = try Sizes.axis(call.node.int("axis", default: 0), rank: tensor.shape.count)
    guard let indices = try call.ints(1) else { throw call.failure("the indices are missing") }
    let (outer, size, inner) = Sizes.split(tensor.shape, at: axis)
    let chosen = try indices.mapThrowing { (number) throws(SurgeonError) in
      try index(number, of: size)
    }
    let indexShape = try call.tensor(1).shape
    let shape = Array(tensor.shape[..<axis]) + indexShape + Array(tensor.shape[(axis + 1)...])
    var starts: [Int] = []
    if inner > 0 {
      starts.reserveCapacity(outer * chosen.count)
      for row in 0..<outer { starts += chosen.map { (row * size + $0) * inner } }
    }
    return [.tensor(try call.gather(tensor, blocks: starts, length: inner, shape: shape))]
  }

  @Sendable static func gatherElements(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    if let rows = try ElementRows(call, tensor) { return [.tensor(try rows.gather(tensor, call))] }
    let positions = try elementPositions(call, tensor)
    return [
      .tensor(
        try call.gather(tensor, blocks: positions, length: 1, shape: try call.tensor(1).shape))
    ]
  }

  /// For each element of the indices (input 1) the position that it means in `tensor`, whose other
  /// coordinates are the element's own.
  static func elementPositions(
    _ call: KernelCall, _ tensor: Tensor
  ) throws(SurgeonError) -> [Int] {
    let rank = tensor.shape.count
    let axis = try Sizes.axis(call.node.int("axis", default: 0), rank: rank)
    guard let indices = try call.ints(1) else { throw call.failure("the indices are missing") }
    let shape = try call.tensor(1).shape
    guard shape.count == rank,
      (0..<rank).allSatisfy({ $0 == axis || shape[$0] <= tensor.shape[$0] })
    else { throw call.failure("indices of shape \(shape) do not fit a tensor of \(tensor.shape)") }
    var strides = tensor.shape.rowMajorStrides
    let step = strides[axis]
    strides[axis] = 0
    let bases = try BlockStarts.strided(shape: shape, strides: strides, offset: 0)
    var positions: [Int] = []
    positions.reserveCapacity(bases.count)
    for (base, number) in Swift.zip(bases, indices) {
      positions.append(base + step * (try index(number, of: tensor.shape[axis])))
    }
    return positions
  }

  @Sendable static func gatherND(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let batchAxes = call.node.int("batch_dims", default: 0)
    let indexShape = try call.tensor(1).shape
    guard let indices = try call.ints(1), let depth = indexShape.last, batchAxes >= 0,
      batchAxes < min(tensor.shape.count, indexShape.count),
      batchAxes + depth <= tensor.shape.count,
      tensor.shape[..<batchAxes] == indexShape[..<batchAxes]
    else { throw call.failure("indices of shape \(indexShape) do not fit the data") }
    let strides = tensor.shape.rowMajorStrides
    let blockShape = Array(tensor.shape[(batchAxes + depth)...])
    let length = blockShape.reduce(1, *)
    let batchCount = tensor.shape[..<batchAxes].reduce(1, *)
    let batchLength = tensor.shape[batchAxes...].reduce(1, *)
    let tuples = indexShape.dropLast().reduce(1, *)
    var starts: [Int] = []
    for tuple in 0..<tuples {
      var start = tuple / max(tuples / max(batchCount, 1), 1) * batchLength
      for level in 0..<depth {
        let axis = batchAxes + level
        start += strides[axis] * (try index(indices[tuple * depth + level], of: tensor.shape[axis]))
      }
      starts.append(start)
    }
    return [
      .tensor(
        try call.gather(
          tensor, blocks: length == 0 ? [] : starts, length: length,
          shape: Array(indexShape.dropLast()) + blockShape))
    ]
  }

  /// The slices along an axis (or the elements of the flattened tensor) that a mask selects.
  @Sendable static func compress(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    guard let mask = try call.ints(1) else { throw call.failure("the condition is missing") }
    guard let number = call.node.int("axis") else {
      let chosen = mask.indices.filter { mask[$0] != 0 }
      return [.tensor(try call.gather(tensor, blocks: chosen, length: 1, shape: [chosen.count]))]
    }
    let axis = try Sizes.axis(number, rank: tensor.shape.count)
    guard mask.count <= tensor.shape[axis] else {
      throw call.failure("the condition is longer than axis \(axis)")
    }
    var maps: [[Int]?] = Array(repeating: nil, count: tensor.shape.count)
    maps[axis] = mask.indices.filter { mask[$0] != 0 }
    return [.tensor(try call.mapped(tensor, maps))]
  }

  /// The values of an axis in reverse order up to a length of its own for each batch entry.
  @Sendable static func reverseSequence(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let rank = tensor.shape.count
    let batchAxis = try Sizes.axis(call.node.int("batch_axis", default: 1), rank: rank)
    let timeAxis = try Sizes.axis(call.node.int("time_axis", default: 0), rank: rank)
    guard let lengths = try call.ints(1), batchAxis != timeAxis,
      lengths.count == tensor.shape[batchAxis],
      lengths.allSatisfy({ $0 >= 0 && $0 <= tensor.shape[timeAxis] })
    else { throw call.failure("the sequence lengths do not fit the tensor") }
    let strides = tensor.shape.rowMajorStrides
    let starts = (0..<tensor.count).map { position in
      let time = position / strides[timeAxis] % tensor.shape[timeAxis]
      let length = lengths[position / strides[batchAxis] % tensor.shape[batchAxis]]
      let source = time < length ? length - 1 - time : time
      return position + (source - time) * strides[timeAxis]
    }
    return [.tensor(try call.gather(tensor, blocks: starts, length: 1, shape: tensor.shape))]
  }

  /// The positions of nonzero elements, one column for each.
  @Sendable static func nonZero(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    // A scalar counts as a tensor of rank 1.
    let shape = tensor.shape.isEmpty ? [1] : tensor.shape
    switch tensor.elementType {
    case .float32: return [try nonZero(tensor.view(as: Float.self), shape, call)]
    case .float64: return [try nonZero(tensor.view(as: Double.self), shape, call)]
    case .bool, .int8, .uint8: return [try nonZero(tensor.view(as: UInt8.self), shape, call)]
    case .int32, .uint32: return [try nonZero(tensor.view(as: UInt32.self), shape, call)]
    case .int64, .uint64: return [try nonZero(tensor.view(as: UInt64.self), shape, call)]
    default:
      let numbers = try tensor.doubles()
      return [try nonZero(Tensor(numbers, shape: shape).view(as: Double.self), shape, call)]
    }
  }

  private static func nonZero<T: Numeric & BitwiseCopyable>(
    _ x: View<T>, _ shape: [Int], _ call: KernelCall
  ) throws(SurgeonError) -> Datum {
    var count = 0
    for index in 0..<x.count { count += x[index] != 0 ? 1 : 0 }
    let y = try call.output([shape.count, count], of: Int64.self)
    guard count > 0, let columns = shape.last else { return y.datum }
    // The last row of the result tells columns, the one before it rows, and so on.
    var next = y.base + (shape.count - 1) * count
    var outer = Array(repeating: Int64(0), count: shape.count - 1)
    for start in stride(from: 0, to: x.count, by: columns) {
      let first = next
      for column in 0..<columns where x[start + column] != 0 {
        next.pointee = Int64(column)
        next += 1
      }
      let (found, position) = (next - first, first - y.base - (shape.count - 1) * count)
      for axis in outer.indices {
        (y.base + axis * count + position).update(repeating: outer[axis], count: found)
      }
      for axis in outer.indices.reversed() {
        outer[axis] += 1
        if outer[axis] < shape[axis] { break }
        outer[axis] = 0
      }
    }
    withExtendedLifetime(x) {}
    return y.datum
  }

  /// The part of a matrix above or below a diagonal, the rest zero.
  @Sendable static func trilu(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    guard tensor.shape.count >= 2 else { throw call.failure("the input is not a matrix") }
    let offset = try call.ints(1)?.first ?? 0
    let isUpper = call.node.flag("upper", default: true)
    let rows = tensor.shape[tensor.shape.count - 2]
    let columns = tensor.shape[tensor.shape.count - 1]
    // Of each row the columns from the diagonal on (or up to it) stay.
    let kept = (0..<rows).map { row -> Range<Int> in
      let (diagonal, overflow) = row.addingReportingOverflow(offset)
      let place = overflow ? (offset > 0 ? columns : -1) : diagonal
      let bound = min(max(isUpper ? place : place < columns ? place + 1 : columns, 0), columns)
      return isUpper ? bound..<columns : 0..<bound
    }
    let width = tensor.elementType.bitWidth / 8
    guard tensor.elementType != .string, width > 0 else {
      let starts = (0..<tensor.count).map { position in
        kept[position / columns % rows].contains(position % columns) ? position : -1
      }
      return [.tensor(try call.gather(tensor, blocks: starts, length: 1, shape: tensor.shape))]
    }
    let (source, count) = (try tensor.bytes(), tensor.count)
    let block = try call.context.allocate(byteCount: count * width)
    block.base.initializeMemory(as: UInt8.self, repeating: 0, count: count * width)
    if count > 0 {
      for index in 0..<count / columns {
        let range = kept[index % rows]
        let start = (index * columns + range.lowerBound) * width
        (block.base + start).copyMemory(from: source.base + start, byteCount: range.count * width)
      }
    }
    withExtendedLifetime(source) {}
    return [
      .tensor(
        Tensor(
          elementType: tensor.elementType, shape: tensor.shape,
          bytes: TensorBytes(
            owner: block, base: UnsafeRawPointer(block.base), count: count * width)))
    ]
  }
}
