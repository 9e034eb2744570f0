internal import SurgeonIR

/// A value of which only type and shape are known, in the calls that kernels prepare for.
final class ExpectedValue: EngineLayout {
  let elementType: ElementType
  let shape: [Int]

  init(elementType: ElementType, shape: [Int]) {
    self.elementType = elementType
    self.shape = shape
  }

  func share() {}

  func plainTensor() throws(SurgeonError) -> Tensor {
    throw SurgeonError(.broken, "a value was read before it was computed")
  }
}
