extension Collection<Int> {
  /// The number of elements of a tensor with these sizes; nil where no tensor can have them: where one
  /// is negative, and where no Int holds the product of all that are not 0. (A tensor without elements
  /// has strides, too.)
  @inlinable package var elementCount: Int? { productWithoutZeros.map { contains(0) ? 0 : $0 } }

  /// The product of the sizes that are not 0; nil where one is negative, and where no Int holds it.
  @inlinable package var productWithoutZeros: Int? {
    var result = 1
    for size in self where size != 0 {
      let (product, overflow) = result.multipliedReportingOverflow(by: size)
      guard size > 0, !overflow else { return nil }
      result = product
    }
    return result
  }
}

extension [Int] {
  /// The row-major distance between neighbours along each axis of a tensor with these sizes.
  package var rowMajorStrides: [Int] {
    var strides = self
    var distance = 1
    for axis in indices.reversed() {
      strides[axis] = distance
      distance *= self[axis]
    }
    return strides
  }
}
