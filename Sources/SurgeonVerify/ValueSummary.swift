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
  public init?(_ tensor: Tensor) throws(SurgeonError) {
    var numbers = try tensor.float64Elements()
    if numbers == nil { numbers = try tensor.intElements()?.map(Double.init) }
    guard let numbers else { return nil }
    var (low, high, sum, count) = (Double.infinity, -Double.infinity, 0.0, 0)
    for number in numbers where number.isFinite {
      low = min(low, number)
      high = max(high, number)
      sum += number
      count += 1
    }
    guard count > 0 else { return nil }
    let mean = sum / Double(count)
    var squares = 0.0
    for number in numbers where number.isFinite { squares += (number - mean) * (number - mean) }
    self.init(
      minimum: low, maximum: high, mean: mean,
      deviation: (squares / Double(count)).squareRoot(), nonFinite: numbers.count - count)
  }
}
