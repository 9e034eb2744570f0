internal import SurgeonIR

/// What is added to the score of query i and key j: 0 or the mask's number where i may attend to
/// j, minus infinity where it may not.
struct AttentionBias<T: Real> {
  private enum Mask {
    case none
    case allowed(View<UInt8>)
    case added(View<T>)
  }

  private let mask: Mask
  /// The mask's sizes, right-aligned to [N, heads, q, keys]; the last may be shorter than the keys.
  private let sizes: [Int]
  private let isCausal: Bool
  private let left: Int
  private let right: Int
  /// Per batch entry, the number of keys before the first query.
  private let offsets: [Int]
  /// Per batch entry, the keys that are no padding; empty where all are none.
  private let lengths: [Int]

  init(_ call: KernelCall, _ q: Heads<T>, keys: Int) throws(SurgeonError) {
    let node = call.node
    isCausal = node.flag("is_causal")
    left = node.int("left_window_size", default: -1)
    right = node.int("right_window_size", default: -1)
    guard left >= -1, right >= -1 else {
      throw call.failure("a window reaches -1 (without bound) or further")
    }
    lengths = try call.ints(6) ?? []
    guard lengths.isEmpty || lengths.count == q.batch, lengths.allSatisfy({ $0 >= 0 }) else {
      throw call.failure("nonpad_kv_seqlen must have a length for each of \(q.batch) batch entries")
    }
    if let past = try call.optionalTensor(4) {
      offsets = Array(repeating: past.shape.count == 4 ? past.shape[2] : 0, count: q.batch)
    } else if lengths.isEmpty {
      offsets = Array(repeating: 0, count: q.batch)
    } else {
      let queries = q.length
      offsets = lengths.map { $0 - queries }
    }
    guard let tensor = try call.optionalTensor(3) else {
      (mask, sizes) = (.none, [1, 1, 1, 1])
      return
    }
    mask =
      tensor.elementType == .bool
      ? .allowed(try tensor.view(as: UInt8.self)) : .added(try tensor.view(as: T.self))
    let shape = Array(repeating: 1, count: max(4 - tensor.shape.count, 0)) + tensor.shape
    sizes = shape
    let full = [q.batch, q.heads, q.length]
    let fits = zip(shape, full).allSatisfy { own, wanted in own == 1 || own == wanted }
    guard shape.count == 4, fits, shape[3] <= keys || shape[3] == 1 else {
      throw call.failure("the mask \(tensor.shape) does not fit \(full + [keys])")
    }
  }

  @inline(__always) func callAsFunction(_ n: Int, _ h: Int, _ i: Int, _ j: Int) -> T {
    if !lengths.isEmpty, j >= lengths[n] { return -T.infinity }
    let distance = i + offsets[n] - j
    if isCausal, distance < 0 { return -T.infinity }
    if left >= 0, distance > left { return -T.infinity }
    if right >= 0, -distance > right { return -T.infinity }
    if case .none = mask { return 0 }
    // A mask shorter than the keys hides the rest; one of a single column is broadcast.
    guard j < sizes[3] || sizes[3] == 1 else { return -T.infinity }
    var position = sizes[0] == 1 ? 0 : n
    position = position * sizes[1] + (sizes[1] == 1 ? 0 : h)
    position = position * sizes[2] + (sizes[2] == 1 ? 0 : i)
    position = position * sizes[3] + (sizes[3] == 1 ? 0 : j)
    switch mask {
    case .none: return 0
    case .allowed(let view): return view[position] != 0 ? 0 : -T.infinity
    case .added(let view): return view[position]
    }
  }
}
