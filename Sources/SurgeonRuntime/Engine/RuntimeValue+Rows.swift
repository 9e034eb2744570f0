package import SurgeonIR

extension RuntimeValue {
  /// Rows of a tensor of numbers along its first axis, in the same memory; nil for any other value.
  package func rows(_ range: Range<Int>) throws(SurgeonError) -> RuntimeValue? {
    if case .layout(let layout) = self, let x = layout as? StridedTensor,
      let count = x.shape.first, range.upperBound <= count
    {
      let shape = [range.count] + x.shape.dropFirst()
      return .layout(
        x.view(shape: shape, strides: x.strides, offset: range.lowerBound * x.strides[0]))
    }
    guard let tensor = try plain().tensor, let count = tensor.shape.first,
      range.upperBound <= count, tensor.elementType.bitWidth >= 8, tensor.count > 0
    else { return nil }
    let bytes = try tensor.bytes()
    let size = bytes.count / count
    return .tensor(
      Tensor(
        elementType: tensor.elementType, shape: [range.count] + tensor.shape.dropFirst(),
        bytes: bytes[range.lowerBound * size..<range.upperBound * size]))
  }
}

extension Session {
  /// Float32 tensors of one shape as one, their rows one after the other; nil for any other values.
  package func stack(_ values: [RuntimeValue]) throws(SurgeonError) -> RuntimeValue? {
    let context = makeContext()
    var tensors: [StridedTensor] = []
    for value in values {
      let tensor: StridedTensor? =
        switch value {
        case .layout(let layout): layout as? StridedTensor
        case .datum(let datum):
          try datum.tensor.flatMap { tensor throws(SurgeonError) in
            try StridedTensor(tensor, context)
          }
        }
      guard let tensor, tensor.shape == tensors.first?.shape ?? tensor.shape else { return nil }
      tensors.append(tensor)
    }
    guard let first = tensors.first, let rows = first.shape.first, first.shape.count >= 2 else {
      return nil
    }
    let arrangement: Arrangement =
      tensors.allSatisfy { $0.matches(.channelsLast) } ? .channelsLast : .rowMajor
    let shape = [rows * tensors.count] + first.shape.dropFirst()
    let result = try StridedTensor(shape: shape, arrangement, context)
    for (index, tensor) in tensors.enumerated() {
      let source = try tensor.arranged(arrangement)
      (result.base + index * first.count).update(from: source.base, count: first.count)
      withExtendedLifetime(source) {}
    }
    return .layout(result)
  }
}
