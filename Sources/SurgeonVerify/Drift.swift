/// How far a list of numbers lies from a reference: the result of a `DriftMeter`.
///
/// All quantities are computed in Float64, over the elements that are finite on both sides; only the
/// largest error is infinite where some element is not.
public struct Drift: Sendable, Hashable {
  /// Elements compared.
  public var count = 0
  /// Elements that are not the same number (a NaN is the same as a NaN).
  public var differingCount = 0
  /// Elements of which one side alone is finite, or that are different infinities.
  public var nonFiniteMismatches = 0
  /// Infinite where there are `nonFiniteMismatches`.
  public var maxAbsolute = 0.0
  public var meanAbsolute = 0.0
  /// The largest magnitude of the reference.
  public var scale = 0.0
  /// The cosine of the angle between the two as vectors; nil where one of them is zero.
  public var cosine: Double?
  /// The signal-to-noise ratio in decibels, 10 log10(sum of a² / sum of (b - a)²): infinite where
  /// nothing differs, nil where the reference is zero.
  public var signalToNoise: Double?
  /// Of the absolute errors; nil where no element was compared.
  public var quantiles: ErrorQuantiles?
  /// True where the reference is one number over and over (or no number at all): a comparison with
  /// it is evidence of nothing, because most mistakes keep it as it is.
  public var isDegenerate = false

  /// No elements, no error.
  public init() {}

  /// The largest absolute error as a part of the largest magnitude of the reference.
  ///
  /// Relative errors of single elements are not used: next to a zero they are rounding noise.
  public var relative: Double {
    if maxAbsolute == 0 { return 0 }
    return scale == 0 ? .infinity : maxAbsolute / scale
  }

  public var isZero: Bool { differingCount == 0 }
}
