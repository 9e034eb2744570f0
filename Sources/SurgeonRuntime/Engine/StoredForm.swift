package import SurgeonIR

/// How the elements of a dense tensor stand in memory: with the shape, what it takes to put their
/// bytes away and to make the value of them again. The rows along the first axis stand one after
/// the other without gaps.
package struct StoredForm: Sendable, Equatable {
  package let elementType: ElementType
  let arrangement: Arrangement
}

extension RuntimeValue {
  /// Calls `body` with the elements of a dense tensor of numbers, as its engine has them.
  ///
  /// - Returns: nil for strings and for what is no dense tensor.
  package func withStoredBytes<Result>(
    _ body: (StoredForm, UnsafeRawBufferPointer) throws(SurgeonError) -> Result
  ) throws(SurgeonError) -> Result? {
    if case .layout(let layout) = self, let x = layout as? StridedTensor {
      let arrangement: Arrangement = x.matches(.rowMajor) ? .rowMajor : .channelsLast
      let dense = try x.arranged(arrangement)
      defer { withExtendedLifetime(dense) {} }
      return try body(
        StoredForm(elementType: .float32, arrangement: arrangement),
        UnsafeRawBufferPointer(
          start: dense.address, count: dense.count * MemoryLayout<Float>.stride))
    }
    guard let tensor = try plain().tensor, tensor.elementType != .string else { return nil }
    return try tensor.bytes().withUnsafeBytes { (bytes) throws(SurgeonError) in
      try body(StoredForm(elementType: tensor.elementType, arrangement: .rowMajor), bytes)
    }
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
    let context = ExecutionContext(options: options, pool: pool)
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
