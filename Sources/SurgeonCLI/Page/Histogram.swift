internal import SurgeonIR

/// How the numbers of a constant are spread.
struct Histogram: Encodable {
  static let binCount = 24

  var low: Double
  var high: Double
  var counts: [Int]

  /// Histograms of a constant and, where there is one, its counterpart over one range; nil for what
  /// has no finite real numbers.
  static func all(
    _ first: Tensor, _ second: Tensor?
  ) throws(SurgeonError) -> (first: Histogram, second: Histogram?)? {
    guard let a = try first.float64Elements()?.filter(\.isFinite), !a.isEmpty else { return nil }
    let b = try second?.float64Elements()?.filter(\.isFinite)
    var (low, high) = (a[0], a[0])
    for number in a + (b ?? []) {
      low = min(low, number)
      high = max(high, number)
    }
    let histogram = { (numbers: [Double]) in
      var counts = [Int](repeating: 0, count: binCount)
      let width = high > low ? (high - low) / Double(binCount) : 1
      for number in numbers { counts[min(binCount - 1, Int((number - low) / width))] += 1 }
      return Histogram(low: low, high: high, counts: counts)
    }
    return (histogram(a), b.map(histogram))
  }
}
