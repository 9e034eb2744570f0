internal import SurgeonIR

extension KernelCall {
  /// Matrix products of any number type: blocked for floating-point types, plain otherwise.
  func multiply<T: Arithmetic>(
    rows: Int, columns: Int, depth: Int, left: MatrixView<T>, right: MatrixView<T>,
    into result: UnsafeMutablePointer<T>, stack: [MatrixProduct.Place] = [MatrixProduct.Place()]
  ) {
    if let left = left as? MatrixView<Float>, let right = right as? MatrixView<Float> {
      result.withMemoryRebound(to: Float.self, capacity: rows * columns) {
        MatrixProduct.multiply(
          rows: rows, columns: columns, depth: depth, left: left, right: right, into: $0,
          resultRowStride: columns, stack: stack, threads: threads)
      }
      return
    }
    if let left = left as? MatrixView<Double>, let right = right as? MatrixView<Double> {
      result.withMemoryRebound(to: Double.self, capacity: rows * columns) {
        MatrixProduct.multiply(
          rows: rows, columns: columns, depth: depth, left: left, right: right, into: $0,
          resultRowStride: columns, stack: stack, threads: threads)
      }
      return
    }
    for place in stack {
      for row in 0..<rows {
        let out = result + place.result + row * columns
        out.update(repeating: .zero, count: columns)
        for inner in 0..<depth {
          let factor = left.base[place.left + row * left.rowStride + inner * left.columnStride]
          let source = right.base + place.right + inner * right.rowStride
          for column in 0..<columns {
            out[column] = T.plus(out[column], T.times(factor, source[column * right.columnStride]))
          }
        }
      }
    }
  }
}

/// The matrix product of stacks of matrices, as NumPy's matmul.
enum MatMul: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    [try product(try call.tensor(0), try call.tensor(1), call, as: T.self)]
  }

  static func product<T: Arithmetic>(
    _ left: Tensor, _ right: Tensor, _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> Datum {
    guard left.elementType == right.elementType else {
      throw call.failure("the factors have different element types")
    }
    let plan = try MatMulShape(left.shape, right.shape)
    let a = try left.view(as: T.self)
    let b = try right.view(as: T.self)
    let y = try call.output(plan.result, of: T.self, as: left.elementType)
    let (rows, columns, depth) = (plan.rows, plan.columns, plan.depth)
    let loop = RowLoop(shape: plan.stack, strides: [plan.leftStrides, plan.rightStrides])
    var stack: [MatrixProduct.Place] = []
    loop.walk { position in
      for index in 0..<loop.rowCount {
        stack.append(
          MatrixProduct.Place(
            left: (position[0] + index * loop.rowStrides[0]) * rows * depth,
            right: (position[1] + index * loop.rowStrides[1]) * depth * columns,
            result: stack.count * rows * columns))
      }
    }
    call.multiply(
      rows: rows, columns: columns, depth: depth,
      left: MatrixView(base: a.base, rowStride: depth, columnStride: 1),
      right: MatrixView(base: b.base, rowStride: columns, columnStride: 1), into: y.base,
      stack: stack)
    return y.datum
  }
}

/// How the shapes of two factors fit together.
struct MatMulShape {
  let rows: Int
  let columns: Int
  let depth: Int
  /// The axes before the matrices, broadcast, and how each factor steps through them (in matrices).
  let stack: [Int]
  let leftStrides: [Int]
  let rightStrides: [Int]
  let result: [Int]

  init(_ left: [Int], _ right: [Int]) throws(SurgeonError) {
    guard !left.isEmpty, !right.isEmpty else {
      throw SurgeonError(.invalidNode, "a scalar is no factor of a matrix product")
    }
    // A vector is a row on the left and a column on the right, and its axis vanishes.
    let a = left.count == 1 ? [1] + left : left
    let b = right.count == 1 ? right + [1] : right
    rows = a[a.count - 2]
    depth = a[a.count - 1]
    columns = b[b.count - 1]
    guard b[b.count - 2] == depth else {
      throw SurgeonError(.invalidNode, "matrices \(left) and \(right) do not multiply")
    }
    let leftStack = Array(a.dropLast(2))
    let rightStack = Array(b.dropLast(2))
    stack = try Sizes.broadcast(leftStack, rightStack)
    leftStrides = Sizes.broadcastStrides(leftStack, to: stack)
    rightStrides = Sizes.broadcastStrides(rightStack, to: stack)
    result = stack + (left.count == 1 ? [] : [rows]) + (right.count == 1 ? [] : [columns])
  }
}

/// alpha A' B' + beta C, where A' and B' are transposed on demand.
enum Gemm: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let a = try call.tensor(0).view(as: T.self)
    let b = try call.tensor(1).view(as: T.self)
    guard a.shape.count == 2, b.shape.count == 2 else {
      throw call.failure("the factors are not matrices")
    }
    let isLeftTurned = call.node.flag("transA")
    let isRightTurned = call.node.flag("transB")
    let rows = a.shape[isLeftTurned ? 1 : 0]
    let depth = a.shape[isLeftTurned ? 0 : 1]
    let columns = b.shape[isRightTurned ? 0 : 1]
    guard b.shape[isRightTurned ? 1 : 0] == depth else {
      throw call.failure("the matrices do not multiply")
    }
    let y = try call.output([rows, columns], of: T.self)
    call.multiply(
      rows: rows, columns: columns, depth: depth,
      left: MatrixView(
        base: a.base, rowStride: isLeftTurned ? 1 : depth, columnStride: isLeftTurned ? rows : 1),
      right: MatrixView(
        base: b.base, rowStride: isRightTurned ? 1 : columns,
        columnStride: isRightTurned ? depth : 1), into: y.base)
    let alpha = T(converting: call.node.float("alpha", default: 1))
    if alpha != .one { for index in 0..<y.count { y[index] = T.times(alpha, y[index]) } }
    if let c = try call.optionalTensor(2) {
      let beta = T(converting: call.node.float("beta", default: 1))
      let addend = try call.broadcast(c, to: y.shape).view(as: T.self)
      for index in 0..<y.count { y[index] = T.plus(y[index], T.times(beta, addend[index])) }
    }
    return [y.datum]
  }
}
