public import SurgeonIR

/// How far an output may lie from its reference: the largest absolute error must not exceed
/// `absolute + relative * (the largest magnitude of the reference)`.
///
/// The bound is one for the whole output. Bounds for single elements, as `allclose` has them, fail
/// next to a zero for rounding alone.
public struct Tolerance: Sendable, Hashable {
  public var absolute: Double
  public var relative: Double

  public init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }

  /// What rounding may do to a deep network whose outputs have type `elementType`.
  public static func rounding(of elementType: ElementType) -> Tolerance {
    switch elementType {
    case .float64: Tolerance(absolute: 1e-12, relative: 1e-9)
    case .float16: Tolerance(absolute: 1e-4, relative: 2e-2)
    case .bfloat16: Tolerance(absolute: 1e-3, relative: 1e-1)
    case .float32: Tolerance(absolute: 1e-7, relative: 1e-4)
    // Classes, indices, Booleans: equal or not.
    default: Tolerance(absolute: 0, relative: 0)
    }
  }

  /// Two models run in Float64 whose constants were rounded to Float32, each in its own way.
  public static let float32Constants = Tolerance(absolute: 1e-9, relative: 1e-5)

  public func holds(for drift: Drift) -> Bool {
    drift.nonFiniteMismatches == 0 && drift.maxAbsolute <= absolute + relative * drift.scale
  }
}
