internal import SurgeonIR

/// Det: determinants of [..., n, n], by elimination with row pivots.
enum Det: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard x.shape.count >= 2, let n = x.shape.last, x.shape[x.shape.count - 2] == n else {
      throw call.failure("Det takes square matrices, not \(x.shape)")
    }
    let y = try call.output(Array(x.shape.dropLast(2)), of: T.self)
    for matrix in 0..<y.count {
      var a = (0..<(n * n)).map { x[matrix * n * n + $0] }
      var result: T = 1
      for column in 0..<n {
        let pivot = (column..<n).max { a[$0 * n + column].magnitude < a[$1 * n + column].magnitude }
        guard let pivot, a[pivot * n + column] != 0 else {
          result = 0
          break
        }
        if pivot != column {
          for k in 0..<n { a.swapAt(pivot * n + k, column * n + k) }
          result = -result
        }
        result *= a[column * n + column]
        for row in (column + 1)..<max(n, column + 1) {
          let factor = a[row * n + column] / a[column * n + column]
          for k in column..<n { a[row * n + k] -= factor * a[column * n + k] }
        }
      }
      y[matrix] = result
    }
    return [y.datum]
  }
}
