public import SurgeonIR

/// How far the numbers of a constant moved.
public struct ConstantDelta: Sendable {
  public let count: Int
  /// Elements that are not the same number (a NaN is the same as a NaN).
  public let changedCount: Int
  public let maxAbsolute: Double
  public let meanAbsolute: Double
  /// The Euclidean norm of the change, and that of the numbers before.
  public let norm: Double
  public let normBefore: Double
  /// The cosine between the two as vectors; nil where one of them is zero.
  public let cosine: Double?

  /// Compares two floating-point or integer tensors element by element, in Float64.
  ///
  /// - Returns: nil where shapes differ or the elements are no real numbers.
  /// - Throws: what reading the tensors throws.
  public init?(_ before: Tensor, _ after: Tensor) throws(SurgeonError) {
    guard before.shape == after.shape, let a = try Self.numbers(before),
      let b = try Self.numbers(after)
    else { return nil }
    var (changed, largest, sum, square) = (0, 0.0, 0.0, 0.0)
    var (squareA, squareB, product) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      squareA += x * x
      squareB += y * y
      product += x * y
      if x == y || (x.isNaN && y.isNaN) { continue }
      changed += 1
      let change = (y - x).magnitude
      largest = max(largest, change)
      sum += change
      square += change * change
    }
    count = a.count
    changedCount = changed
    maxAbsolute = largest
    meanAbsolute = a.isEmpty ? 0 : sum / Double(a.count)
    norm = square.squareRoot()
    normBefore = squareA.squareRoot()
    cosine = squareA > 0 && squareB > 0 ? product / (squareA * squareB).squareRoot() : nil
  }

  private static func numbers(_ tensor: Tensor) throws(SurgeonError) -> [Double]? {
    if let numbers = try tensor.float64Elements() { return numbers }
    return try tensor.intElements()?.map(Double.init)
  }
}
