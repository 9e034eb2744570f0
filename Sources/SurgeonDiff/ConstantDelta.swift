public import SurgeonIR
internal import SurgeonThreads

/// How far the numbers of a constant moved.
public struct ConstantDelta: Sendable {
  public let count: Int
  /// Elements that are not the same number (a NaN is the same as a NaN).
  public let changedCount: Int
  /// Infinite where a number came, went or became another that is not finite.
  public let maxAbsolute: Double
  public let meanAbsolute: Double
  /// The Euclidean norm of the change, and that of the numbers before.
  public let norm: Double
  public let normBefore: Double
  /// The cosine between the two as vectors; nil where one of them is zero or not finite.
  public let cosine: Double?

  /// Compares two floating-point or integer tensors element by element, in Float64. Large ones are
  /// decoded a piece at a time, on all processors.
  ///
  /// - Returns: nil where shapes differ or the elements are no real numbers.
  /// - Throws: what reading the tensors throws.
  public init?(_ before: Tensor, _ after: Tensor) throws(SurgeonError) {
    guard before.shape == after.shape, let sums = try Self.sums(before, after) else { return nil }
    count = before.count
    changedCount = sums.changed
    maxAbsolute = sums.largest
    meanAbsolute = count == 0 ? 0 : sums.absolute / Double(count)
    norm = sums.square.squareRoot()
    normBefore = sums.squareBefore.squareRoot()
    let squares = [sums.squareBefore, sums.squareAfter]
    cosine =
      squares.allSatisfy { $0 > 0 && $0.isFinite }
      ? sums.product / (sums.squareBefore * sums.squareAfter).squareRoot() : nil
  }

  private static func sums(_ a: Tensor, _ b: Tensor) throws(SurgeonError) -> Sums? {
    guard let x = try TensorPieces(of: a), let y = try TensorPieces(of: b) else {
      guard let a = try a.realNumbers(), let b = try b.realNumbers() else { return nil }
      return Sums(a, b)
    }
    var parts = [Result<Sums?, SurgeonError>](repeating: .success(nil), count: x.count)
    parts.withUnsafeMutableBufferPointer { parts in
      ThreadPool.shared.run(count: parts.count, threads: 0) { index in
        parts[index] = Result { () throws(SurgeonError) in
          guard let a = try x[index].realNumbers(), let b = try y[index].realNumbers() else {
            return nil
          }
          return Sums(a, b)
        }
      }
    }
    var total = Sums()
    // In the order of the pieces, whichever thread was first: the sums are the same every time.
    for part in parts {
      guard let part = try part.get() else { return nil }
      total.add(part)
    }
    return total
  }
}

extension ConstantDelta {
  /// What is summed over the elements.
  private struct Sums {
    var changed = 0
    var largest = 0.0
    var absolute = 0.0
    var square = 0.0
    var squareBefore = 0.0
    var squareAfter = 0.0
    var product = 0.0

    init() {}

    init(_ a: [Double], _ b: [Double]) {
      for (x, y) in zip(a, b) {
        squareBefore += x * x
        squareAfter += y * y
        product += x * y
        if x == y || (x.isNaN && y.isNaN) { continue }
        changed += 1
        let change = x.isFinite && y.isFinite ? (y - x).magnitude : .infinity
        largest = max(largest, change)
        absolute += change
        square += change * change
      }
    }

    mutating func add(_ other: Sums) {
      changed += other.changed
      largest = max(largest, other.largest)
      absolute += other.absolute
      square += other.square
      squareBefore += other.squareBefore
      squareAfter += other.squareAfter
      product += other.product
    }
  }
}
