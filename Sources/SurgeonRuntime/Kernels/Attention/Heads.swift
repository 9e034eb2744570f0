internal import SurgeonIR

/// One of Q, K and V by batch entry, head and position, whatever its layout.
struct Heads<T: Real> {
  let batch: Int
  let heads: Int
  let length: Int
  let size: Int
  /// True for [N, length, heads * size].
  let isFlat: Bool
  /// [N, heads, length, size].
  private let numbers: View<T>
  private let tensor: Tensor

  /// - Throws: `invalidNode` where the rank is neither 3 nor 4, or the heads do not divide.
  init(_ call: KernelCall, slot: Int, heads declared: Int?) throws(SurgeonError) {
    let given = try call.tensor(slot)
    let x = try given.view(as: T.self)
    batch = x.shape.first ?? 0
    if x.shape.count == 4 {
      (heads, length, size, isFlat) = (x.shape[1], x.shape[2], x.shape[3], false)
      (numbers, tensor) = (x, given)
      return
    }
    guard x.shape.count == 3, let declared, declared > 0, x.shape[2] % declared == 0 else {
      throw call.failure(
        "input \(slot) must be [N, heads, length, size], or [N, length, heads * size] with the "
          + "number of heads as an attribute")
    }
    (heads, length, size, isFlat) = (declared, x.shape[1], x.shape[2] / declared, true)
    let sorted = try call.output([batch, heads, length, size], of: T.self)
    for n in 0..<batch {
      for h in 0..<heads {
        for i in 0..<length {
          (sorted.base + ((n * heads + h) * length + i) * size).update(
            from: x.base + ((n * length + i) * heads + h) * size, count: size)
        }
      }
    }
    tensor = sorted.tensor
    numbers = try tensor.view(as: T.self)
  }

  private init(_ heads: Heads, length: Int, _ tensor: Tensor) throws(SurgeonError) {
    (batch, self.heads, size, isFlat) = (heads.batch, heads.heads, heads.size, heads.isFlat)
    self.length = length
    self.tensor = tensor
    numbers = try tensor.view(as: T.self)
  }

  /// The cache in input `slot`, [N, heads, past, size], followed by these positions.
  func appended(to call: KernelCall, slot: Int) throws(SurgeonError) -> Heads {
    guard let past = try call.optionalTensor(slot)?.view(as: T.self) else { return self }
    guard past.shape.count == 4, past.shape[0] == batch, past.shape[1] == heads,
      past.shape[3] == size
    else { throw call.failure("the cache \(past.shape) does not fit \(heads) heads of \(size)") }
    let before = past.shape[2]
    let total = before + length
    let joined = try call.output([batch, heads, total, size], of: T.self)
    for head in 0..<(batch * heads) {
      let target = joined.base + head * total * size
      target.update(from: past.base + head * before * size, count: before * size)
      (target + before * size).update(
        from: numbers.base + head * length * size, count: length * size)
    }
    return try Heads(self, length: total, joined.tensor)
  }

  @inline(__always) func row(_ n: Int, _ head: Int, _ position: Int) -> UnsafePointer<T> {
    numbers.base + ((n * heads + head) * length + position) * size
  }

  /// [N, heads, length, size].
  var datum: Datum { .tensor(tensor) }
}
