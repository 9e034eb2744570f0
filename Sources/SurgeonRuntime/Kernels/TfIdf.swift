internal import SurgeonIR

/// TfIdfVectorizer: counts n-grams of a pool in sequences of strings or integers.
///
/// The pool holds the 1-grams, then the 2-grams, ...; `ngram_counts[n - 1]` says where those of
/// length n begin, `ngram_indexes` into which output column each is counted. Items of an n-gram
/// may stand up to `max_skip_count` apart.
enum TfIdf {
  @Sendable static func vectorize(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0)
    guard (1...2).contains(x.shape.count) else {
      throw call.failure("TfIdfVectorizer takes [C] or [N, C], not \(x.shape)")
    }
    let items = try words(of: x, call)
    let pool = try Pool(call)
    let rows = x.shape.count == 2 ? x.shape[0] : 1
    let columns = x.shape.last ?? 0
    let weights = call.node.floats("weights")
    let mode = call.node.string("mode", default: "TF")
    var result = [Float](repeating: 0, count: try Sizes.count([rows, pool.width]))
    for row in 0..<rows {
      let sequence = items[(row * columns)..<((row + 1) * columns)]
      for (entry, count) in pool.counts(in: Array(sequence)) {
        let column = row * pool.width + pool.columns[entry]
        let weight = weights.map { entry < $0.count ? Float($0[entry]) : 1 } ?? 1
        switch mode {
        case "TF": result[column] += Float(count)
        case "IDF": result[column] = weight
        case "TFIDF": result[column] += Float(count) * weight
        default: throw call.failure("there is no mode '\(mode)'")
        }
      }
    }
    let shape = x.shape.count == 2 ? [rows, pool.width] : [pool.width]
    return [.tensor(Tensor(result, shape: shape))]
  }

  /// Elements as comparable words; an integer as its digits.
  private static func words(of tensor: Tensor, _ call: KernelCall) throws(SurgeonError) -> [[UInt8]]
  {
    if tensor.elementType == .string { return try tensor.strings() }
    guard let numbers = try tensor.intElements() else { throw call.unsupported(tensor.elementType) }
    return numbers.map { Array(String($0).utf8) }
  }

  private struct Pool {
    /// Output column of each n-gram, in the pool's order.
    let columns: [Int]
    let width: Int
    private var entries: [[[UInt8]]: Int] = [:]
    private let lengths: ClosedRange<Int>
    private let maxSkip: Int

    init(_ call: KernelCall) throws(SurgeonError) {
      let node = call.node
      let integers = node.ints("pool_int64s")?.map { Array(String($0).utf8) }
      let items = node.strings("pool_strings") ?? integers ?? []
      let starts = node.ints("ngram_counts") ?? []
      columns = node.ints("ngram_indexes") ?? []
      guard columns.allSatisfy({ (0..<1 << 40).contains($0) }) else {
        throw call.failure("ngram_indexes names columns that no output has")
      }
      width = columns.max().map { $0 + 1 } ?? 0
      let (shortest, longest) = (node.int("min_gram_length"), node.int("max_gram_length"))
      guard let shortest, let longest, shortest >= 1, shortest <= longest else {
        throw call.failure("min_gram_length and max_gram_length are no range")
      }
      lengths = shortest...longest
      maxSkip = node.int("max_skip_count", default: 0)
      guard maxSkip >= 0, maxSkip < 1 << 31, longest < 1 << 16 else {
        throw call.failure("max_skip_count or max_gram_length is out of range")
      }
      var count = 0
      for (index, start) in starts.enumerated() {
        let end = index + 1 < starts.count ? starts[index + 1] : items.count
        let length = index + 1
        guard start >= 0, start <= end, end <= items.count, (end - start) % length == 0 else {
          throw call.failure("ngram_counts does not divide the pool into n-grams")
        }
        for at in stride(from: start, to: end, by: length) {
          entries[Array(items[at..<(at + length)])] = count
          count += 1
        }
      }
      guard count <= columns.count else {
        throw call.failure("ngram_indexes names \(columns.count) of \(count) n-grams")
      }
    }

    func counts(in sequence: [[UInt8]]) -> [Int: Int] {
      var counts: [Int: Int] = [:]
      for length in lengths {
        // Skipping changes nothing between the items of a 1-gram.
        for step in 1...(length == 1 ? 1 : maxSkip + 1) {
          var start = 0
          while start + (length - 1) * step < sequence.count {
            let gram = (0..<length).map { sequence[start + $0 * step] }
            if let entry = entries[gram] { counts[entry, default: 0] += 1 }
            start += 1
          }
        }
      }
      return counts
    }
  }
}
