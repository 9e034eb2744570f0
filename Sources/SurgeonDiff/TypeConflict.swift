internal import SurgeonIR

/// Types that one value cannot have both of. What one side leaves open (a dimension without a number,
/// a shape without dimensions) contradicts nothing.
enum TypeConflict {
  static func exists(_ a: ValueType?, _ b: ValueType?) -> Bool {
    guard let a, let b else { return false }
    switch (a.kind, b.kind) {
    case (.unspecified, _), (_, .unspecified): return false
    case (.tensor(let x, let s), .tensor(let y, let t)),
      (.sparseTensor(let x, let s), .sparseTensor(let y, let t)):
      return x != y || exists(s, t)
    case (.sequence(let x), .sequence(let y)), (.optional(let x), .optional(let y)):
      return exists(x, y)
    case (.map(let k, let x), .map(let l, let y)): return k != l || exists(x, y)
    case (.opaque, .opaque): return a.kind != b.kind
    default: return true
    }
  }

  private static func exists(_ s: Shape?, _ t: Shape?) -> Bool {
    guard let s, let t else { return false }
    guard s.rank == t.rank else { return true }
    return zip(s.dimensions, t.dimensions).contains { x, y in
      x.value.map { known in y.value.map { $0 != known } ?? false } ?? false
    }
  }
}
