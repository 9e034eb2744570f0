internal import SurgeonIR
internal import SurgeonThreads

/// Tile where the dimensions before the repeated ones are many: each of their elements is written once
/// in every dimension, and what has been written is copied as often as it is repeated.
struct TiledCopy {
  private let tensor: Tensor
  private let source: TensorBytes
  private let target: [Int]
  private let repeats: [Int]
  /// The first repeated dimension; those before it are one.
  private let first: Int
  private let outer: Int
  /// Bytes of what one index of each dimension holds, before and after.
  private var sourceBytes: [Int]
  private var targetBytes: [Int]

  /// Nil where there are few elements before the repeated dimensions, or elements of part of a byte.
  ///
  /// - Parameter target: the result's shape, which has elements.
  init?(_ tensor: Tensor, repeats: [Int], target: [Int]) throws(SurgeonError) {
    guard tensor.elementType != .string, tensor.elementType.bitWidth >= 8,
      let first = repeats.firstIndex(where: { $0 > 1 })
    else { return nil }
    let outer = tensor.shape[..<first].reduce(1, *)
    guard outer >= 8 else { return nil }
    self.tensor = tensor
    source = try tensor.bytes()
    self.target = target
    self.repeats = repeats
    self.first = first
    self.outer = outer
    let width = tensor.elementType.bitWidth / 8
    sourceBytes = tensor.shape.rowMajorStrides.map { $0 * width }
    targetBytes = target.rowMajorStrides.map { $0 * width }
    guard source.count >= tensor.count * width else {
      throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
    }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> Tensor {
    let whole = targetBytes[first] * target[first]
    let part = sourceBytes[first] * tensor.shape[first]
    let block = try call.context.allocate(byteCount: outer * whole)
    let perTask = max(1, min(outer / 4, (1 << 15) / whole))
    withExtendedLifetime((source, block)) {
      call.share((outer + perTask - 1) / perTask, nanoseconds: outer * whole / 16) { task in
        for index in task * perTask..<min(outer, (task + 1) * perTask) {
          place(first, source.base + index * part, block.base + index * whole)
        }
      }
    }
    return Tensor(
      elementType: tensor.elementType, shape: target,
      bytes: TensorBytes(
        owner: block, base: UnsafeRawPointer(block.base), count: outer * whole))
  }

  /// Writes dimension `axis` and those after it, for one index of those before it.
  private func place(_ axis: Int, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    let size = tensor.shape[axis] * targetBytes[axis]
    if sourceBytes[axis] == targetBytes[axis] {
      to.copyMemory(from: from, byteCount: size)
    } else {
      for index in 0..<tensor.shape[axis] {
        place(axis + 1, from + index * sourceBytes[axis], to + index * targetBytes[axis])
      }
    }
    for copy in 1..<max(1, repeats[axis]) {
      (to + copy * size).copyMemory(from: to, byteCount: size)
    }
  }
}
