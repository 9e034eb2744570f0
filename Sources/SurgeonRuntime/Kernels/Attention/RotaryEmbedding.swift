internal import SurgeonIR

/// RotaryEmbedding: pairs of each head's numbers turned by an angle that depends on the position.
enum RotaryEmbedding: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let cosines = try call.tensor(1).view(as: T.self)
    let sines = try call.tensor(2).view(as: T.self)
    let node = call.node
    let isFlat = x.shape.count == 3
    let declared = node.int("num_heads", default: 0)
    guard isFlat || x.shape.count == 4, !isFlat || (declared > 0 && x.shape[2] % declared == 0)
    else {
      throw call.failure(
        "RotaryEmbedding takes [N, heads, length, size], or [N, length, heads * size] with "
          + "num_heads, not \(x.shape)")
    }
    let (batch, heads) = (x.shape[0], isFlat ? declared : x.shape[1])
    let length = x.shape[isFlat ? 1 : 2]
    let size = isFlat ? x.shape[2] / declared : x.shape[3]
    let given = node.int("rotary_embedding_dim", default: 0)
    let turned = given == 0 ? size : given
    let half = turned / 2
    let positions = try call.ints(3)
    guard turned <= size, turned % 2 == 0, cosines.shape == sines.shape,
      cosines.shape.last == half, half > 0,
      positions.map({ $0.count == batch * length }) ?? (cosines.count == batch * length * half)
    else { throw call.failure("the caches \(cosines.shape) do not fit \(x.shape)") }
    let rows = cosines.count / half
    guard positions?.allSatisfy({ (0..<rows).contains($0) }) ?? true else {
      throw call.failure("a position lies outside the \(rows) rows of the caches")
    }
    let isInterleaved = node.flag("interleaved")
    let y = try call.output(x.shape, of: T.self)
    for n in 0..<batch {
      for h in 0..<heads {
        for i in 0..<length {
          let row = n * length + i
          let angle = (positions?[row] ?? row) * half
          let start = (isFlat ? (row * heads + h) : (n * heads + h) * length + i) * size
          for d in 0..<half {
            let a = start + (isInterleaved ? 2 * d : d)
            let b = start + (isInterleaved ? 2 * d + 1 : half + d)
            let (c, s) = (cosines[angle + d], sines[angle + d])
            y[a] = c * x[a] - s * x[b]
            y[b] = s * x[a] + c * x[b]
          }
          for d in turned..<size { y[start + d] = x[start + d] }
        }
      }
    }
    return [y.datum]
  }
}
