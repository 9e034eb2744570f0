internal import CKernels
internal import SurgeonIR

/// A product with a constant matrix, ready for left factors of one shape: what is left to a call is to
/// allocate the result and to compute.
final class PreparedProduct: Sendable {
  private enum Way {
    case primitive(FastProduct, bias: StridedTensor?)
    case small(SmallProduct)
  }

  private let inputShape: [Int]
  private let resultShape: [Int]
  private let resultStrides: [Int]
  private let way: Way

  convenience init(
    inputShape: [Int], resultShape: [Int], _ product: FastProduct, bias: StridedTensor?
  ) {
    self.init(inputShape, resultShape, .primitive(product, bias: bias))
  }

  convenience init(inputShape: [Int], resultShape: [Int], _ product: SmallProduct) {
    self.init(inputShape, resultShape, .small(product))
  }

  private init(_ inputShape: [Int], _ resultShape: [Int], _ way: Way) {
    self.inputShape = inputShape
    self.resultShape = resultShape
    self.way = way
    resultStrides = Arrangement.rowMajor.strides(for: resultShape)
  }

  func takes(_ x: StridedTensor) -> Bool { x.shape == inputShape && x.matches(.rowMajor) }

  func run(_ x: StridedTensor, _ context: ExecutionContext) throws(SurgeonError) -> StridedTensor {
    let y = try StridedTensor(shape: resultShape, strides: resultStrides, context)
    switch way {
    case .primitive(let product, let bias): try product.execute(x, nil, bias: bias, into: y)
    case .small(let product): product.run(x, into: y)
    }
    return y
  }
}

/// A product of a few rows with a small constant matrix, for which setting out takes oneDNN longer than
/// multiplying.
struct SmallProduct {
  /// The matrix by columns: what one element of a result is made of stands together.
  private let lines: StridedTensor
  private let bias: StridedTensor?
  private let rows: Int

  /// - Parameters:
  ///   - matrix: [depth, columns], or the transposed one.
  ///   - bias: one number for each column.
  /// - Returns: nil where the product is not small, or the matrix is not of Float32.
  init?(
    _ matrix: Tensor, isTransposed: Bool, bias: StridedTensor?, rows: Int,
    _ context: ExecutionContext
  ) throws(SurgeonError) {
    guard rows <= 4, matrix.count <= 1 << 16, matrix.shape.count == 2,
      let given = try StridedTensor(matrix, context)
    else { return nil }
    let shape = isTransposed ? matrix.shape : matrix.shape.reversed()
    let strides = isTransposed ? given.strides : given.strides.reversed()
    lines = try StridedTensor(shape: shape, .rowMajor, context)
    StridedCopy.copy(given.view(shape: shape, strides: strides), to: lines, threads: 1)
    self.bias = bias
    self.rows = rows
  }

  func run(_ x: StridedTensor, into y: StridedTensor) {
    let (columns, depth) = (lines.shape[0], lines.shape[1])
    withExtendedLifetime((lines, bias, x, y)) {
      for row in 0..<rows {
        ck_lines_times_vector(
          Int64(columns), Int64(depth), lines.base, x.base + row * depth, bias?.base,
          y.base + row * columns)
      }
    }
  }
}
