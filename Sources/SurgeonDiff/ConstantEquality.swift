internal import SurgeonIR

/// Which constants of two models are the same: element type, shape and every byte. Many pairs are
/// compared at once, and each pair once.
struct ConstantEquality {
  private let before: Model
  private let after: Model
  private var known: [StructuralDiff.ValuePair: Bool] = [:]

  init(_ before: Model, _ after: Model) {
    self.before = before
    self.after = after
  }

  /// Compares what was not compared yet, on all processors.
  mutating func compare(_ pairs: [StructuralDiff.ValuePair]) throws(SurgeonError) {
    var dense: [(pair: StructuralDiff.ValuePair, bytes: (TensorBytes, TensorBytes))] = []
    for pair in pairs where known[pair] == nil {
      guard let bytes = try bytes(of: pair) else {
        known[pair] = try compare(pair.before, pair.after)
        continue
      }
      // Taken for different until all bytes are compared, so that it is listed once.
      known[pair] = false
      dense.append((pair, bytes))
    }
    for (entry, isSame) in zip(dense, ByteComparison.areEqual(dense.map(\.bytes))) {
      known[entry.pair] = isSame
    }
  }

  /// True also for two values that are no constants.
  func areEqual(_ x: Value.ID, _ y: Value.ID) throws(SurgeonError) -> Bool {
    if let answer = known[.init(before: x, after: y)] { return answer }
    return try compare(x, y)
  }

  /// nil where the answer does not depend on many bytes.
  private func bytes(
    of pair: StructuralDiff.ValuePair
  ) throws(SurgeonError) -> (TensorBytes, TensorBytes)? {
    guard let a = before[pair.before].initializer, let b = after[pair.after].initializer,
      a.elementType == b.elementType, a.elementType != .string, a.shape == b.shape
    else { return nil }
    return (try a.bytes(), try b.bytes())
  }

  private func compare(_ x: Value.ID, _ y: Value.ID) throws(SurgeonError) -> Bool {
    switch (before[x].initializer, after[y].initializer) {
    case (let a?, let b?): return try ContentKey.areEqual(a, b)
    case (nil, nil): break
    default: return false
    }
    switch (before[x].sparseInitializer, after[y].sparseInitializer) {
    case (let a?, let b?): return try ContentKey.areEqual(a, b)
    case (nil, nil): return true
    default: return false
    }
  }
}
