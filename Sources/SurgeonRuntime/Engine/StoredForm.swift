package import SurgeonIR

/// How the elements of a dense tensor stand in memory: with the shape, what it takes to put their
/// bytes away and to make the value of them again. The rows along the first axis stand one after
/// the other without gaps.
package struct StoredForm: Sendable, Equatable {
  package let elementType: ElementType
  let arrangement: Arrangement
}

extension RuntimeValue {
  /// A dense tensor of numbers as `Session.value` makes it of its bytes: whoever computes with it goes
  /// the same way, whether it was put away meanwhile or not. In memory that nobody writes over, without
  /// the copies in other layouts that kernels have asked it for.
  ///
  /// - Returns: nil for strings and for what is no dense tensor.
  package func stored() throws(SurgeonError) -> (form: StoredForm, value: RuntimeValue)? {
    let x: StridedTensor
    switch self {
    case .layout(let layout as StridedTensor): x = layout
    default:
      guard let tensor = try plain().tensor, tensor.elementType != .string else { return nil }
      guard let floats = try StridedTensor(tensor, ExecutionContext(options: SessionOptions()))
      else {
        let form = StoredForm(elementType: tensor.elementType, arrangement: .rowMajor)
        return (form, .tensor(tensor))
      }
      x = floats
    }
    let arrangement: Arrangement = x.matches(.rowMajor) ? .rowMajor : .channelsLast
    let dense = try x.arranged(arrangement)
    return (
      StoredForm(elementType: .float32, arrangement: arrangement),
      .layout(dense.view(shape: dense.shape, strides: arrangement.strides(for: dense.shape)))
    )
  }

  /// What `stored` gave for whoever reads it last: a session that consumes it writes over it, unless
  /// somebody else knows of its memory.
  package func lent() -> RuntimeValue {
    guard case .layout(let layout as StridedTensor) = self else { return self }
    return .layout(layout.lent())
  }

  /// Calls `body` with the bytes of what `stored` gave.
  package func withStoredBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(SurgeonError) -> Result
  ) throws(SurgeonError) -> Result {
    if case .layout(let layout as StridedTensor) = self {
      defer { withExtendedLifetime(layout) {} }
      return try body(
        UnsafeRawBufferPointer(
          start: layout.address, count: layout.count * MemoryLayout<Float>.stride))
    }
    guard let tensor = try plain().tensor else {
      throw SurgeonError(.broken, "a value that is no tensor has no bytes")
    }
    return try tensor.bytes().withUnsafeBytes(body)
  }
}

extension Session {
  /// The value of a shape and a form whose bytes `fill` writes.
  ///
  /// - Throws: `impossible` where the machine has not that much memory; what `fill` throws.
  package func value(
    _ form: StoredForm, shape: [Int],
    filledBy fill: (UnsafeMutableRawBufferPointer) throws(SurgeonError) -> Void
  ) throws(SurgeonError) -> RuntimeValue {
    let context = makeContext()
    guard let count = form.elementType.byteCount(of: shape.reduce(1, *)) else {
      throw SurgeonError(.impossible, "a value of shape \(shape) does not fit into memory")
    }
    if form.elementType == .float32 {
      let tensor = try StridedTensor(shape: shape, form.arrangement, context)
      try fill(UnsafeMutableRawBufferPointer(start: tensor.base, count: count))
      return .layout(tensor)
    }
    let block = try context.allocate(byteCount: count)
    try fill(UnsafeMutableRawBufferPointer(start: block.base, count: count))
    return .tensor(
      Tensor(
        elementType: form.elementType, shape: shape,
        bytes: TensorBytes(owner: block, base: UnsafeRawPointer(block.base), count: count)))
  }
}
