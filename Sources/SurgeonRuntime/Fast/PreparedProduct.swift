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
    case .primitive(let product, let bias):
      try product.execute(x, nil, bias: bias, into: y, context)
    case .small(let product): product.run(x, into: y)
    }
    return y
  }
}

/// A product of a few rows with a small constant matrix, for which setting out takes oneDNN longer than
/// multiplying.
struct SmallProduct {
  /// The matrix as it is multiplied: rows of whole vectors, or, of few columns, the columns one by one,
  /// so that what one element of a result is made of stands together.
  private let matrix: StridedTensor
  private let isByColumns: Bool
  /// One number for each column, up to whole vectors.
  private let bias: StridedTensor?
  private let rows: Int
  private let columns: Int
  private let depth: Int
  private static let lanes = 16
  private static let few = 32

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
    let (shape, strides) =
      isTransposed
      ? (matrix.shape.reversed(), given.strides.reversed()) : (matrix.shape, given.strides)
    (depth, columns, self.rows) = (shape[0], shape[1], rows)
    isByColumns = columns < Self.few
    let source = given.view(shape: shape, strides: strides)
    if isByColumns {
      self.matrix = try StridedTensor(shape: [columns, depth], .rowMajor, context)
      self.bias = bias
      StridedCopy.copy(
        source.view(shape: [columns, depth], strides: strides.reversed()), to: self.matrix,
        threads: 1)
      return
    }
    let padded = (columns + Self.lanes - 1) / Self.lanes * Self.lanes
    let wide = try StridedTensor(shape: [depth + 1, padded], .rowMajor, context)
    wide.base.update(repeating: 0, count: wide.count)
    StridedCopy.copy(
      source, to: wide.alias(shape: [depth, columns], strides: [padded, 1]), threads: 1)
    let last = wide.alias(shape: [padded], strides: [1], offset: depth * padded)
    if let bias { last.base.update(from: bias.base, count: columns) }
    (self.matrix, self.bias) = (wide, last)
  }

  func run(_ x: StridedTensor, into y: StridedTensor) {
    withExtendedLifetime((matrix, bias, x, y)) {
      for row in 0..<rows { multiply(x.base + row * depth, into: y.base + row * columns) }
    }
  }

  private func multiply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    guard !isByColumns, let bias else {
      ck_lines_times_vector(Int64(columns), Int64(depth), matrix.base, x, self.bias?.base, y)
      return
    }
    let whole = columns / Self.lanes * Self.lanes
    let stride = Int64(matrix.strides[0])
    ck_vector_times_matrix(Int64(depth), Int64(whole), x, matrix.base, stride, bias.base, y)
    guard whole < columns else { return }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.lanes) { rest in
      guard let rest = rest.baseAddress else { return }
      ck_vector_times_matrix(
        Int64(depth), Int64(Self.lanes), x, matrix.base + whole, stride, bias.base + whole, rest)
      (y + whole).update(from: rest, count: columns - whole)
    }
  }
}
