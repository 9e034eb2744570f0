internal import SurgeonIR

/// LinearAttention: attention without a softmax, as a recurrence over a state S [d_k, d_v] per head
/// of keys.
///
/// At each step S decays by exp(decay) (gated rules), v is corrected to beta (v - S^T k) (delta
/// rules), k v^T is added to S, and the output is scale S^T q.
enum LinearAttention: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let node = call.node
    let rule = node.string("update_rule", default: "gated_delta")
    guard ["linear", "gated", "delta", "gated_delta"].contains(rule) else {
      throw call.failure("there is no update_rule '\(rule)'")
    }
    let q = try Heads<T>(call, slot: 0, heads: node.int("q_num_heads"))
    let k = try Heads<T>(call, slot: 1, heads: node.int("kv_num_heads"))
    let v = try Heads<T>(call, slot: 2, heads: node.int("kv_num_heads"))
    guard q.size == k.size, k.heads == v.heads, q.length == k.length, k.length == v.length,
      q.batch == k.batch, k.batch == v.batch, q.heads % k.heads == 0
    else { throw call.failure("query, key and value do not fit together") }
    let isGated = rule.hasPrefix("gated")
    let isDelta = rule.hasSuffix("delta")
    let decay = try gate(call, slot: 4, wanted: isGated, widths: [k.heads, k.heads * k.size], k)
    let beta = try gate(call, slot: 5, wanted: isDelta, widths: [k.heads, 1], k)
    let shape = [q.batch, k.heads, k.size, v.size]
    let past = try call.optionalTensor(3)?.view(as: T.self)
    guard past.map({ $0.shape == shape }) ?? true else {
      throw call.failure("past_state must be \(shape)")
    }
    let state = try call.output(shape, of: T.self)
    if let past { state.base.update(from: past.base, count: past.count) } else { state.fill(0) }
    let declared = node.float("scale", default: 0)
    let scale = T(declared == 0 ? 1 / Double(k.size).squareRoot() : declared)
    let y = try call.output([q.batch, q.length, q.heads * v.size], of: T.self)
    let group = q.heads / k.heads
    var corrected = [T](repeating: 0, count: v.size)
    for n in 0..<q.batch {
      for h in 0..<k.heads {
        let s = state.base + (n * k.heads + h) * k.size * v.size
        for t in 0..<k.length {
          let (key, value) = (k.row(n, h, t), v.row(n, h, t))
          if let decay {
            for d in 0..<k.size {
              let factor = T.exp(decay.value(n, t, head: h, within: d))
              for m in 0..<v.size { s[d * v.size + m] *= factor }
            }
          }
          for m in 0..<v.size { corrected[m] = value[m] }
          if let beta {
            for m in 0..<v.size {
              var retrieved: T = 0
              for d in 0..<k.size { retrieved += s[d * v.size + m] * key[d] }
              corrected[m] = beta.value(n, t, head: h, within: 0) * (value[m] - retrieved)
            }
          }
          for d in 0..<k.size {
            for m in 0..<v.size { s[d * v.size + m] += key[d] * corrected[m] }
          }
          for query in (h * group)..<((h + 1) * group) {
            let row = q.row(n, query, t)
            let out = y.base + ((n * q.length + t) * q.heads + query) * v.size
            for m in 0..<v.size {
              var sum: T = 0
              for d in 0..<k.size { sum += row[d] * s[d * v.size + m] }
              out[m] = scale * sum
            }
          }
        }
      }
    }
    return [y.datum, state.datum]
  }

  /// decay or beta, [N, length, width]: one number per head, per element of a head, or per step.
  private struct Gate<T: Real> {
    let view: View<T>
    let heads: Int
    let length: Int

    func value(_ n: Int, _ t: Int, head: Int, within d: Int) -> T {
      let width = view.shape[2]
      let row = (n * length + t) * width
      if width == 1 { return view[row] }
      return width == heads ? view[row + head] : view[row + head * (width / heads) + d]
    }
  }

  private static func gate<T: Real>(
    _ call: KernelCall, slot: Int, wanted: Bool, widths: [Int], _ k: Heads<T>
  ) throws(SurgeonError) -> Gate<T>? {
    guard let tensor = try call.optionalTensor(slot) else {
      if wanted { throw call.failure("this update_rule needs input \(slot)") }
      return nil
    }
    guard wanted else { throw call.failure("this update_rule takes no input \(slot)") }
    let view = try tensor.view(as: T.self)
    guard view.shape.count == 3, view.shape[0] == k.batch, view.shape[1] == k.length,
      widths.contains(view.shape[2])
    else { throw call.failure("input \(slot) does not fit: \(view.shape)") }
    return Gate(view: view, heads: k.heads, length: k.length)
  }
}
