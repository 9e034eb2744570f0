/// The matrix product under every convolution and matrix operator of the reference engine.
enum Product {
  /// c = a b for row-major matrices: a is m x k, b is k x n, c is m x n, each with the distance of
  /// its rows.
  ///
  /// Every element of c is one sum in the order of k, so that blocking changes no bit.
  static func multiply<T: Real>(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<T>, _ lda: Int, _ b: UnsafePointer<T>,
    _ ldb: Int, _ c: UnsafeMutablePointer<T>, _ ldc: Int
  ) {
    for row in 0..<m {
      let out = c + row * ldc
      out.update(repeating: 0, count: n)
      for inner in 0..<k {
        let factor = a[row * lda + inner]
        let source = b + inner * ldb
        for column in 0..<n { out[column] += factor * source[column] }
      }
    }
  }
}
