internal import SurgeonIR

/// The index of the largest or smallest element along an axis.
enum ArgMax: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    try argExtremum(call, type) { $0 > $1 }
  }
}

enum ArgMin: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    try argExtremum(call, type) { $0 < $1 }
  }
}

private func argExtremum<T: Arithmetic>(
  _ call: KernelCall, _ type: T.Type, _ isBetter: (T, T) -> Bool
) throws(SurgeonError) -> [Datum?] {
  let x = try call.tensor(0).view(as: T.self)
  let axis = try Sizes.axis(call.node.int("axis", default: 0), rank: x.shape.count)
  let (outer, size, inner) = Sizes.split(x.shape, at: axis)
  guard size > 0 else { throw call.failure("axis \(axis) has no elements") }
  let takesLast = call.node.flag("select_last_index")
  var shape = x.shape
  if call.node.flag("keepdims", default: true) { shape[axis] = 1 } else { shape.remove(at: axis) }
  let y = try call.output(shape, of: Int64.self)
  for row in 0..<outer {
    for column in 0..<inner {
      let base = x.base + row * size * inner + column
      var best = 0
      for index in 1..<max(size, 1) {
        let candidate = base[index * inner]
        let current = base[best * inner]
        if isBetter(candidate, current) || (takesLast && candidate == current) { best = index }
      }
      y[row * inner + column] = Int64(best)
    }
  }
  return [y.datum]
}
