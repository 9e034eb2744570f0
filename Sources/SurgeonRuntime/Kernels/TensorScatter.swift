internal import SurgeonIR

/// TensorScatter: a cache with an update written along one axis, from a position per batch entry.
enum TensorScatter: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let past = try call.tensor(0).view(as: T.self)
    let update = try call.tensor(1).view(as: T.self)
    let rank = past.shape.count
    let declared = call.node.int("axis", default: -2)
    let axis = declared < 0 ? declared + rank : declared
    guard (1..<max(rank, 1)).contains(axis), update.shape.count == rank,
      past.shape.indices.allSatisfy({ $0 == axis || past.shape[$0] == update.shape[$0] })
    else { throw call.failure("an update \(update.shape) does not fit a cache \(past.shape)") }
    let (length, steps) = (past.shape[axis], update.shape[axis])
    let starts = try call.ints(2) ?? Array(repeating: 0, count: past.shape[0])
    let isCircular = call.node.string("mode", default: "linear") == "circular"
    guard starts.count == past.shape[0],
      starts.allSatisfy({ $0 >= 0 && (isCircular || $0 + steps <= length) }), steps <= length
    else { throw call.failure("\(steps) steps do not fit the cache of \(length)") }
    let y = try call.output(past.shape, of: T.self)
    y.base.update(from: past.base, count: past.count)
    let inner = past.shape[(axis + 1)...].reduce(1, *)
    let outer = past.shape[..<axis].reduce(1, *)
    let perEntry = past.shape[1..<axis].reduce(1, *)
    for row in 0..<outer {
      for step in 0..<steps {
        let place = starts[row / max(perEntry, 1)] + step
        let target = isCircular ? place % length : place
        (y.base + (row * length + target) * inner).update(
          from: update.base + (row * steps + step) * inner, count: inner)
      }
    }
    return [y.datum]
  }
}
