internal import CKernels
internal import SurgeonIR
internal import Synchronization

/// Where the elements stand that the indices of GatherElements and ScatterElements mean, row by row of
/// the indices: element j of a row is at its base + j sideStride + index stride.
struct ElementRows {
  private let indices: View<Int64>
  private let axisSize: Int
  private let stride: Int
  private let sideStride: Int
  /// Sizes of the indices but the last, and how far the data moves with each.
  private let sizes: [Int]
  private let strides: [Int]
  private let rowLength: Int
  private let width: Int

  /// Nil for elements that are no whole bytes.
  ///
  /// - Throws: `invalidNode` where the indices (input 1) do not fit `tensor`.
  init?(_ call: KernelCall, _ tensor: Tensor) throws(SurgeonError) {
    guard tensor.elementType != .string, tensor.elementType.bitWidth >= 8 else { return nil }
    width = tensor.elementType.bitWidth / 8
    let rank = tensor.shape.count
    let axis = try Sizes.axis(call.node.int("axis", default: 0), rank: rank)
    indices = try call.indices(1)
    let shape = indices.shape
    guard shape.count == rank,
      (0..<rank).allSatisfy({ $0 == axis || shape[$0] <= tensor.shape[$0] })
    else { throw call.failure("indices of shape \(shape) do not fit a tensor of \(tensor.shape)") }
    var strides = tensor.shape.rowMajorStrides
    axisSize = tensor.shape[axis]
    stride = strides[axis]
    strides[axis] = 0
    sideStride = strides.removeLast()
    self.strides = strides
    sizes = Array(shape.dropLast())
    rowLength = shape[rank - 1]
    guard axisSize > 0 || indices.count == 0 else {
      throw call.failure("an index lies outside of an axis of size 0")
    }
  }

  private func base(of row: Int) -> Int {
    var (rest, base) = (row, 0)
    for axis in sizes.indices.reversed() {
      base += rest % sizes[axis] * strides[axis]
      rest /= sizes[axis]
    }
    return base
  }

  /// - Throws: `invalidNode` where an index lies outside of the axis.
  func gather(_ tensor: Tensor, _ call: KernelCall) throws(SurgeonError) -> Tensor {
    let source = try tensor.bytes()
    let block = try call.context.allocate(byteCount: indices.count * width)
    let isInside = Atomic<Bool>(true)
    let rows = rowLength == 0 ? 0 : indices.count / rowLength
    let perTask = max(1, (1 << 13) / max(1, rowLength))
    withExtendedLifetime((source, block, indices.owner)) {
      call.share((rows + perTask - 1) / perTask, nanoseconds: indices.count / 2) { task in
        for row in task * perTask..<min(rows, (task + 1) * perTask) {
          let fits = ck_gather(
            Int64(width), Int64(rowLength), source.base + base(of: row) * width, Int64(sideStride),
            Int64(stride), Int64(axisSize), indices.base + row * rowLength,
            block.base + row * rowLength * width)
          if fits == 0 { isInside.store(false, ordering: .relaxed) }
        }
      }
    }
    guard isInside.load(ordering: .relaxed) else { throw outside(call) }
    return Tensor(
      elementType: tensor.elementType, shape: indices.shape,
      bytes: TensorBytes(
        owner: block, base: UnsafeRawPointer(block.base), count: indices.count * width))
  }

  /// A copy of `tensor` with `updates` in place of the elements that the indices mean; of several for
  /// one element the last one stays.
  ///
  /// - Throws: `invalidNode` where an index lies outside of the axis.
  func scatter(
    _ updates: Tensor, into tensor: Tensor, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    let target = try call.copy(of: tensor)
    let source = try updates.bytes()
    guard updates.count == indices.count, source.count >= indices.count * width else {
      throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
    }
    var fits: Int32 = 1
    withExtendedLifetime((source, indices.owner)) {
      for row in 0..<(rowLength == 0 ? 0 : indices.count / rowLength) {
        fits &= ck_scatter(
          Int64(width), Int64(rowLength), source.base + row * rowLength * width,
          Int64(sideStride), Int64(stride), Int64(axisSize), indices.base + row * rowLength,
          target.base + base(of: row) * width)
      }
    }
    guard fits != 0 else { throw outside(call) }
    return target.tensor
  }

  private func outside(_ call: KernelCall) -> SurgeonError {
    let found = (0..<indices.count).first {
      indices[$0] < Int64(-axisSize) || indices[$0] >= Int64(axisSize)
    }
    return call.failure(
      "index \(found.map { indices[$0] } ?? 0) lies outside of an axis of size \(axisSize)")
  }
}

extension KernelCall {
  /// Input `slot`, which the operator requires, as integers of 64 bits.
  func indices(_ slot: Int) throws(SurgeonError) -> View<Int64> {
    let tensor = try tensor(slot)
    if tensor.elementType == .int64 { return try tensor.view(as: Int64.self) }
    guard let numbers = try ints(slot) else { throw failure("the indices are missing") }
    return try Tensor(numbers.map(Int64.init), shape: tensor.shape).view(as: Int64.self)
  }

  /// A copy whose elements, whole bytes each, a kernel may change.
  func copy(of tensor: Tensor) throws(SurgeonError) -> Output<UInt8> {
    let source = try tensor.bytes()
    let count = tensor.count * (tensor.elementType.bitWidth / 8)
    guard source.count >= count else {
      throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
    }
    let block = try context.allocate(byteCount: count)
    withExtendedLifetime(source) { block.base.copyMemory(from: source.base, byteCount: count) }
    return Output(block, elementType: tensor.elementType, shape: tensor.shape, count: count)
  }
}
