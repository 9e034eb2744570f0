public import SurgeonIR

/// A value in a few words: its type, its shape and the range of its numbers.
public struct ValueSummary: Sendable {
  public var name: String
  /// The name of the element type, or the kind of a compound value.
  public var type: String
  /// nil for what is no tensor.
  public var shape: [Int]?
  /// nil where there are no finite real numbers.
  public var statistics: Statistics?

  public struct Statistics: Sendable {
    public var minimum: Double
    public var maximum: Double
    public var mean: Double
    public var deviation: Double
    /// NaN and infinite elements, which the other numbers leave out.
    public var nonFinite: Int
  }

  /// - Throws: what reading the tensor throws.
  public init(name: String, value: Datum) throws(SurgeonError) {
    self.name = name
    switch value {
    case .tensor(let tensor):
      type = tensor.elementType.name
      shape = tensor.shape
      statistics = try Statistics(tensor)
    case .sparseTensor(let tensor):
      type = "sparse " + tensor.values.elementType.name
      shape = tensor.shape
    case .sequence(let elements, _): type = "sequence of \(elements.count)"
    case .optional(let element, _): type = element == nil ? "absent" : "present"
    case .map(_, let values): type = "map of \(values.count)"
    }
  }
}

extension ValueSummary.Statistics {
  /// nil where the tensor has no finite real numbers.
  ///
  /// - Throws: what reading the tensor throws.
  public init?(_ tensor: Tensor) throws(SurgeonError) {
    var (low, high, sum, count, total) = (Double.infinity, -Double.infinity, 0.0, 0, 0)
    let areNumbers = try Self.read(tensor) { numbers in
      total += numbers.count
      for number in numbers where number.isFinite {
        low = min(low, number)
        high = max(high, number)
        sum += number
        count += 1
      }
    }
    guard areNumbers, count > 0 else { return nil }
    let mean = sum / Double(count)
    var squares = 0.0
    _ = try Self.read(tensor) { numbers in
      for number in numbers where number.isFinite { squares += (number - mean) * (number - mean) }
    }
    self.init(
      minimum: low, maximum: high, mean: mean,
      deviation: (squares / Double(count)).squareRoot(), nonFinite: total - count)
  }

  /// Hands over the numbers in order, some at a time; false where they are no real numbers.
  private static func read(
    _ tensor: Tensor, _ body: ([Double]) -> Void
  ) throws(SurgeonError) -> Bool {
    let pieces = try TensorPieces(of: tensor)
    for index in 0..<(pieces?.count ?? 1) {
      guard let numbers = try (pieces?[index] ?? tensor).realNumbers() else { return false }
      body(numbers)
    }
    return true
  }
}
