internal import SurgeonIR

/// Matrix products and what is built from them.
enum MatrixProducts {
  static func matMul(_ node: inout NodeInference) throws(SurgeonError) {
    try multiply(&node, second: 1, elementType: try node.commonElementType(0..<2))
  }

  static func integer(_ node: inout NodeInference) throws(SurgeonError) {
    try multiply(&node, second: 1, elementType: .int32)
  }

  /// QLinearMatMul: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point.
  static func quantized(_ node: inout NodeInference) throws(SurgeonError) {
    try multiply(&node, second: 3, elementType: node.elementType(7))
  }

  /// numpy.matmul: a vector counts as a row on the left, as a column on the right.
  private static func multiply(
    _ node: inout NodeInference, second: Int, elementType: ElementType?
  ) throws(SurgeonError) {
    node.set(elementType, nil)
    guard let a = node.shape(0), let b = node.shape(second) else { return }
    guard a.rank > 0, b.rank > 0 else { throw node.error("an operand is a scalar") }
    let (left, right) = (a.rank == 1, b.rank == 1)
    let x = left ? [.known(1)] + a.dimensions : a.dimensions
    let y = right ? b.dimensions + [.known(1)] : b.dimensions
    guard Dimension.unified(x[x.count - 1], y[y.count - 2]) != nil,
      let batch = Shape.broadcast(Shape(Array(x.dropLast(2))), Shape(Array(y.dropLast(2))))
    else { throw node.error("\(node.describe(0)) times \(node.describe(second))") }
    var dimensions = batch.dimensions
    if !left { dimensions.append(x[x.count - 2]) }
    if !right { dimensions.append(y[y.count - 1]) }
    node.set(elementType, dimensions)
  }

  static func gemm(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    try node.requireRank(0, 2...2)
    try node.requireRank(1, 2...2)
    guard let a = node.shape(0), let b = node.shape(1) else { return }
    let transA = node.int("transA", default: 0) != 0
    let transB = node.int("transB", default: 0) != 0
    guard Dimension.unified(a[transA ? 0 : 1], b[transB ? 1 : 0]) != nil else {
      throw node.error(
        "\(node.describe(0))\(transA ? " transposed" : "") times "
          + "\(node.describe(1))\(transB ? " transposed" : "")")
    }
    let result = Shape([a[transA ? 1 : 0], b[transB ? 0 : 1]])
    if node.opset >= 7, let c = node.shape(2) {
      guard Shape.broadcast(result, c)?.rank == 2 else {
        throw node.error("\(node.describe(2)) does not broadcast to \(result.text)")
      }
    }
    node.set(node.elementType(0), result)
  }

  /// Det: of the last two axes.
  static func determinant(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    try node.requireRank(0, 2...Int.max)
    guard let x = node.shape(0) else { return }
    guard Dimension.unified(x[x.rank - 1], x[x.rank - 2]) != nil else {
      throw node.error("\(node.describe(0)) is not square")
    }
    node.set(node.elementType(0), Array(x.dimensions.dropLast(2)))
  }
}
