internal import CKernels
internal import SurgeonIR

/// Running sums along an axis.
enum CumSum: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    try accumulate(call, T.zero, CK_SUM_OF) { T.plus($0, $1) }
  }
}

/// Running products along an axis.
enum CumProd: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    try accumulate(call, T.one, CK_PRODUCT_OF) { T.times($0, $1) }
  }
}

private func accumulate<T: Arithmetic>(
  _ call: KernelCall, _ start: T, _ pairing: ck_pairing, _ step: (T, T) -> T
) throws(SurgeonError) -> [Datum?] {
  let tensor = try call.tensor(0)
  let x = try tensor.view(as: T.self)
  guard let number = try call.ints(1)?.first else { throw call.failure("the axis is missing") }
  let axis = try Sizes.axis(number, rank: x.shape.count)
  let (outer, size, inner) = Sizes.split(x.shape, at: axis)
  let isExclusive = call.node.flag("exclusive")
  let isReversed = call.node.flag("reverse")
  let y = try call.output(x.shape, of: T.self)
  if inner >= 8, tensor.elementType != .bool, let type = ck_type(tensor.elementType) {
    // Whole rows at a time.
    for plane in 0..<outer {
      var last: Int?
      for count in 0..<size {
        let index = isReversed ? size - 1 - count : count
        let row = (plane * size + index) * inner
        if let last {
          ck_combine(
            pairing, type, Int64(inner), y.base + last, 1, x.base + (isExclusive ? last : row), 1,
            y.base + row)
        } else if isExclusive {
          (y.base + row).update(repeating: start, count: inner)
        } else {
          (y.base + row).update(from: x.base + row, count: inner)
        }
        last = row
      }
    }
    withExtendedLifetime(x) {}
    return [y.datum]
  }
  for row in 0..<outer {
    for column in 0..<inner {
      var total = start
      for count in 0..<size {
        let index = isReversed ? size - 1 - count : count
        let position = (row * size + index) * inner + column
        if isExclusive { y[position] = total }
        total = step(total, x[position])
        if !isExclusive { y[position] = total }
      }
    }
  }
  return [y.datum]
}
