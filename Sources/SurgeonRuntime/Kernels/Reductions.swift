internal import SurgeonIR

/// A function of the elements that are reduced to one.
protocol RowReduction: SendableMetatype {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T
}

/// Reduces along the node's axes.
func reduce<R: RowReduction>(_ reduction: R.Type) -> ReferenceKernel.Body {
  number(Reduction<R>.self)
}

private enum Reduction<R: RowReduction>: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let plan = try ReducedAxes(call, shape: tensor.shape)
    let rows = try Movement.transposed(tensor, plan.kept + plan.reduced, call)
    let x = try rows.view(as: T.self)
    let y = try call.output(plan.resultShape, of: T.self, as: tensor.elementType)
    let length = plan.length
    for index in 0..<y.count { y[index] = R.reduce(x.base + index * length, count: length) }
    return [y.datum]
  }
}

/// Which axes a reduction keeps.
struct ReducedAxes {
  let kept: [Int]
  let reduced: [Int]
  let resultShape: [Int]
  /// Elements that become one.
  let length: Int

  init(_ call: KernelCall, shape: [Int]) throws(SurgeonError) {
    // The axes became an input in version 13 of ReduceSum, and in 18 of the others.
    let isInput =
      call.node.opset >= 18 || (call.node.opset >= 13 && call.node.opType == "ReduceSum")
    var axes = (isInput ? try call.ints(1) : call.node.ints("axes")) ?? []
    let rank = shape.count
    if axes.isEmpty, !call.node.flag("noop_with_empty_axes") { axes = Array(0..<rank) }
    let chosen = try Sizes.axes(axes, rank: rank).sorted()
    reduced = chosen
    kept = (0..<rank).filter { !chosen.contains($0) }
    let keepsAxes = call.node.flag("keepdims", default: true)
    resultShape =
      keepsAxes ? (0..<rank).map { chosen.contains($0) ? 1 : shape[$0] } : kept.map { shape[$0] }
    length = chosen.map { shape[$0] }.reduce(1, *)
  }
}

/// The sum, added up in Float64 for floating-point types.
private func sum<T: Arithmetic>(
  _ x: UnsafePointer<T>, _ count: Int, _ term: (T) -> T, wide: (Double) -> Double
) -> T {
  if T.isReal {
    var total = 0.0
    for index in 0..<count { total += wide(x[index].double) }
    return T(converting: total)
  }
  var total = T.zero
  for index in 0..<count { total = T.plus(total, term(x[index])) }
  return total
}

enum ReduceSum: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    sum(x, count, { $0 }, wide: { $0 })
  }
}

enum ReduceMean: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    if T.isReal {
      var total = 0.0
      for index in 0..<count { total += x[index].double }
      return T(converting: total / Double(count))
    }
    return T.quotient(ReduceSum.reduce(x, count: count), T(converting: Double(count)))
  }
}

enum ReduceSumSquare: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    sum(x, count, { T.times($0, $0) }, wide: { $0 * $0 })
  }
}

enum ReduceL1: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    sum(x, count, { $0.magnitudeValue }, wide: { $0.magnitude })
  }
}

enum ReduceL2: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    var total = 0.0
    for index in 0..<count { total += x[index].double * x[index].double }
    return T(converting: total.squareRoot())
  }
}

enum ReduceLogSum: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    var total = 0.0
    for index in 0..<count { total += x[index].double }
    return T(converting: Double.log(total))
  }
}

enum ReduceLogSumExp: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    var largest = -Double.infinity
    for index in 0..<count { largest = max(largest, x[index].double) }
    guard largest.isFinite else { return T(converting: largest) }
    var total = 0.0
    for index in 0..<count { total += Double.exp(x[index].double - largest) }
    return T(converting: largest + Double.log(total))
  }
}

enum ReduceProd: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    var product = T.one
    for index in 0..<count { product = T.times(product, x[index]) }
    return product
  }
}

enum ReduceMax: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    var largest = T.lowest
    for index in 0..<count where x[index] > largest || x[index] != x[index] { largest = x[index] }
    return largest
  }
}

enum ReduceMin: RowReduction {
  static func reduce<T: Arithmetic>(_ x: UnsafePointer<T>, count: Int) -> T {
    var smallest = T.highest
    for index in 0..<count where x[index] < smallest || x[index] != x[index] {
      smallest = x[index]
    }
    return smallest
  }
}
