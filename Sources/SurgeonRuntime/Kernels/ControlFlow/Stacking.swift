internal import SurgeonIR

/// Taking tensors apart along an axis and putting them together again, whatever their elements.
extension KernelCall {
  /// The elements with `index` on `axis`, without that axis.
  func element(
    of tensor: Tensor, axis: Int, index: Int
  ) throws(SurgeonError) -> Tensor {
    var shape = tensor.shape
    shape.remove(at: axis)
    let part = try Movement.slice(tensor, axis: axis, index..<(index + 1), self)
    return part.reshaped(shape)
  }

  /// Tensors of one type and shape along a new axis.
  func stacked(
    _ tensors: [Tensor], axis: Int, isReversed: Bool = false
  ) throws(SurgeonError) -> Tensor {
    var shape = tensors.first?.shape ?? []
    guard (0...shape.count).contains(axis), tensors.allSatisfy({ $0.shape == tensors[0].shape })
    else { throw failure("tensors of different shapes are stacked") }
    shape.insert(1, at: axis)
    let slices = tensors.map { $0.reshaped(shape) }
    return try concatenated(isReversed ? slices.reversed() : slices, axis: axis)
  }
}
