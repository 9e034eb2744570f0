internal import SurgeonIR
internal import SurgeonLibc

/// Collects the drift between a value of one model and its counterpart, sample by sample.
struct DriftMeter {
  private var drift = Drift()
  private var sumAbsolute = 0.0
  private var squareReference = 0.0
  private var squareOther = 0.0
  private var squareError = 0.0
  private var product = 0.0
  private var lowest = Double.infinity
  private var highest = -Double.infinity
  private var finiteCount = 0
  private var errors = ErrorHistogram()
  /// Discrete elements that are compared for equality only.
  private var hasText = false

  /// Two constant references differ by at most this part of their magnitude: rounding may tell
  /// equal sums apart that were added in another order.
  private static let constantSpread = 1e-6

  /// Compares elements of floating-point type.
  mutating func add<T: BinaryFloatingPoint & Scalar>(
    _ reference: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer, of _: T.Type, count: Int
  ) {
    for index in 0..<count {
      // Bytes of a mapped file stand at any address.
      let place = index * MemoryLayout<T>.stride
      let a = reference.loadUnaligned(fromByteOffset: place, as: T.self)
      let b = other.loadUnaligned(fromByteOffset: place, as: T.self)
      add(Double(a), Double(b))
    }
  }

  mutating func add(_ a: Double, _ b: Double) {
    drift.count += 1
    guard a.isFinite, b.isFinite else {
      if a == b || (a.isNaN && b.isNaN) { return }
      drift.differingCount += 1
      drift.nonFiniteMismatches += 1
      return
    }
    finiteCount += 1
    lowest = min(lowest, a)
    highest = max(highest, a)
    squareReference += a * a
    squareOther += b * b
    product += a * b
    let error = abs(b - a)
    if error == 0 { return }
    errors.add(error)
    drift.differingCount += 1
    drift.maxAbsolute = max(drift.maxAbsolute, error)
    sumAbsolute += error
    squareError += error * error
  }

  /// Counts elements that are not numbers.
  mutating func add(equal: Bool) {
    hasText = true
    drift.count += 1
    if !equal {
      drift.differingCount += 1
      drift.nonFiniteMismatches += 1
    }
  }

  func exceeds(_ tolerance: Tolerance) -> Bool {
    let scale = finiteCount == 0 ? 0 : max(abs(lowest), abs(highest))
    return drift.nonFiniteMismatches > 0
      || drift.maxAbsolute > tolerance.absolute + tolerance.relative * scale
  }

  var result: Drift {
    var drift = drift
    drift.meanAbsolute = finiteCount == 0 ? 0 : sumAbsolute / Double(finiteCount)
    var errors = errors
    errors.addZeros(finiteCount - errors.total)
    drift.quantiles = errors.quantiles(upTo: drift.maxAbsolute)
    if drift.nonFiniteMismatches > 0 { drift.maxAbsolute = .infinity }
    drift.scale = finiteCount == 0 ? 0 : max(abs(lowest), abs(highest))
    if squareReference > 0, squareOther > 0 {
      // The square roots are taken one by one: their product may overflow.
      let cosine = product / (squareReference.squareRoot() * squareOther.squareRoot())
      drift.cosine = min(1, max(-1, cosine))
    }
    if squareReference > 0 {
      drift.signalToNoise =
        squareError == 0 ? .infinity : 10 * log10(squareReference / squareError)
    }
    if !hasText, drift.count > 1 {
      drift.isDegenerate =
        finiteCount == 0 || highest - lowest <= Self.constantSpread * drift.scale
    }
    return drift
  }
}
