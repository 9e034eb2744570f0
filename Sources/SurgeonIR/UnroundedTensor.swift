extension Tensor {
  /// A computed tensor: `numbers`, rounded to `elementType` only where its bytes are asked for.
  ///
  /// Whoever computes on, or runs the model in Float64, has the numbers as they were computed:
  /// `float64Elements` gives them back unrounded. What is written to a file is rounded once.
  ///
  /// Defined for float16, bfloat16, float32 and float64; any other type is a programmer's mistake.
  public init(unrounded numbers: [Double], as elementType: ElementType, shape: [Int]) {
    precondition(shape.reduce(1, *) == numbers.count)
    guard elementType != .float64 else {
      self.init(numbers, shape: shape)
      return
    }
    self.init(
      elementType: elementType, shape: shape,
      storage: .deferred(UnroundedNumbers(numbers: numbers, elementType: elementType)))
  }
}

/// Numbers that become bytes when asked.
private struct UnroundedNumbers: TensorSource {
  let numbers: [Double]
  let elementType: ElementType

  var unroundedNumbers: [Double]? { numbers }

  func load() throws(SurgeonError) -> TensorBytes {
    try Tensor(rounding: numbers, to: elementType, shape: [numbers.count]).bytes()
  }
}
