/// Quantiles of the absolute errors of a value, each exact to three percent.
public struct ErrorQuantiles: Sendable, Hashable {
  public var median: Double
  public var p90: Double
  public var p99: Double
  public var p999: Double
}

/// Counts absolute errors in bins of a sixteenth of an octave, over the bins that occur: millions of
/// errors cost a few kilobytes.
struct ErrorHistogram {
  private var counts: [Int] = []
  /// The bin of the first count.
  private var base = 0
  private var zeros = 0
  private(set) var total = 0

  /// Adds an error above zero.
  mutating func add(_ error: Double) {
    total += 1
    let bin = Self.bin(of: error)
    if counts.isEmpty {
      base = bin
      counts = [0]
    } else if bin < base {
      counts.insert(contentsOf: repeatElement(0, count: base - bin), at: 0)
      base = bin
    } else if bin >= base + counts.count {
      counts.append(contentsOf: repeatElement(0, count: bin - base - counts.count + 1))
    }
    counts[bin - base] += 1
  }

  mutating func addZeros(_ count: Int) {
    total += count
    zeros += count
  }

  /// nil where nothing was added.
  func quantiles(upTo largest: Double) -> ErrorQuantiles? {
    guard total > 0 else { return nil }
    return ErrorQuantiles(
      median: min(largest, quantile(0.5)), p90: min(largest, quantile(0.9)),
      p99: min(largest, quantile(0.99)), p999: min(largest, quantile(0.999)))
  }

  /// The middle of the bin where the sorted errors reach this part of their count.
  private func quantile(_ part: Double) -> Double {
    var remaining = Int((part * Double(total)).rounded(.up)) - zeros
    if remaining <= 0 { return 0 }
    for (index, count) in counts.enumerated() {
      remaining -= count
      if remaining <= 0 { return Self.middle(of: base + index) }
    }
    return .infinity
  }

  // The exponent and four bits of the significand of a positive number, in the order of its size.
  private static let shift: UInt64 = 48

  private static func bin(of error: Double) -> Int { Int(error.bitPattern >> shift) }

  private static func middle(of bin: Int) -> Double {
    let start = UInt64(bin) << shift
    return Double(bitPattern: start + 1 << (shift - 1))
  }
}
