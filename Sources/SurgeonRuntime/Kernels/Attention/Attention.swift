internal import SurgeonIR

/// Attention: softmax(scale Q K^T + bias) V over heads, with grouped heads, a cache of keys and
/// values, masks, a sliding window and a soft cap.
///
/// Q is [N, heads, q, d] or [N, q, heads * d], K and V likewise. Outputs: Y, the keys and values
/// with the cache in front, and the scores at the stage that `qk_matmul_output_mode` names.
enum Attention: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let node = call.node
    let q = try Heads<T>(call, slot: 0, heads: node.int("q_num_heads"))
    let k = try Heads<T>(call, slot: 1, heads: node.int("kv_num_heads")).appended(to: call, slot: 4)
    let v = try Heads<T>(call, slot: 2, heads: node.int("kv_num_heads")).appended(to: call, slot: 5)
    guard q.batch == k.batch, k.batch == v.batch, k.heads == v.heads, k.length == v.length,
      q.size == k.size, k.heads > 0, q.heads % k.heads == 0
    else { throw call.failure("Q, K and V do not fit together") }
    let bias = try AttentionBias<T>(call, q, keys: k.length)
    let root = T.pow(T(node.float("scale") ?? 1 / Double(q.size).squareRoot()), 0.5)
    let cap = T(node.float("softcap", default: 0))
    let mode = node.int("qk_matmul_output_mode", default: 0)
    let keepsScores = node.needsOutput(3)
    let y = try call.output([q.batch, q.heads, q.length, v.size], of: T.self)
    let scores = try call.output(
      keepsScores ? [q.batch, q.heads, q.length, k.length] : [0], of: T.self)
    var row = [T](repeating: 0, count: k.length)
    for n in 0..<q.batch {
      for h in 0..<q.heads {
        let group = h / (q.heads / k.heads)
        for i in 0..<q.length {
          let kept = scores.base + (keepsScores ? ((n * q.heads + h) * q.length + i) * k.length : 0)
          var isMasked = true
          for j in 0..<k.length {
            var score: T = 0
            let (a, b) = (q.row(n, h, i), k.row(n, group, j))
            for d in 0..<q.size { score += (a[d] * root) * (b[d] * root) }
            if keepsScores, mode == 0 { kept[j] = score }
            if cap > 0 { score = cap * T.tanh(score / cap) }
            if keepsScores, mode == 1 { kept[j] = score }
            let offset = bias(n, h, i, j)
            if offset != -T.infinity { isMasked = false }
            row[j] = score + offset
            if keepsScores, mode == 2 { kept[j] = row[j] }
          }
          softmax(&row, isMasked: isMasked)
          if keepsScores, mode == 3 { for j in 0..<k.length { kept[j] = row[j] } }
          let out = y.base + ((n * q.heads + h) * q.length + i) * v.size
          out.update(repeating: 0, count: v.size)
          for j in 0..<k.length where row[j] != 0 {
            let value = v.row(n, group, j)
            for d in 0..<v.size { out[d] += row[j] * value[d] }
          }
        }
      }
    }
    let result = q.isFlat ? try flattened(y, q, v.size, call) : y.datum
    return [
      result, node.needsOutput(1) ? k.datum : nil,
      node.needsOutput(2) ? v.datum : nil, keepsScores ? scores.datum : nil,
    ]
  }

  /// A row without a key that it may attend to yields zeros.
  private static func softmax<T: Real>(_ row: inout [T], isMasked: Bool) {
    let largest = row.max() ?? 0
    guard !isMasked, largest > -T.infinity else {
      for j in row.indices { row[j] = 0 }
      return
    }
    var sum: T = 0
    for j in row.indices {
      row[j] = T.exp(row[j] - largest)
      sum += row[j]
    }
    if sum != 0 { for j in row.indices { row[j] /= sum } }
  }

  private static func flattened<T: Real>(
    _ y: Output<T>, _ q: Heads<T>, _ size: Int, _ call: KernelCall
  ) throws(SurgeonError) -> Datum {
    let flat = try call.output([q.batch, q.length, q.heads * size], of: T.self)
    for n in 0..<q.batch {
      for h in 0..<q.heads {
        for i in 0..<q.length {
          (flat.base + ((n * q.length + i) * q.heads + h) * size).update(
            from: y.base + ((n * q.heads + h) * q.length + i) * size, count: size)
        }
      }
    }
    return flat.datum
  }
}
