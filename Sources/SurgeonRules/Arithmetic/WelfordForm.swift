public import SurgeonIR

/// What of the options decides which operators spell Welford's recurrence; the numbers that stay
/// (epsilon, the maximum) are constants among them.
public struct WelfordForm: Hashable, Sendable {
  public enum Counting: String, Hashable, Sendable {
    /// n is always the maximum, and no state.
    case constant
    /// n grows to the maximum.
    case capped
    /// n grows for ever.
    case uncapped
  }

  public var counting: Counting
  public var unit: WelfordOptions.Unit
  public var normalization: WelfordOptions.Normalization
  /// Whether the count may be 0, so that there is no variance before the first batch.
  public var mayBeEmpty: Bool
  /// The type that statistics are computed in.
  public var elementType: ElementType

  public init(_ options: WelfordOptions, elementType: ElementType) {
    counting =
      switch options.count {
      case .constant: .constant
      case .capped: options.maximum.isFinite ? .capped : .uncapped
      }
    unit = options.unit
    normalization = options.normalization
    mayBeEmpty = options.normalization == .previous && options.initialCount == 0
    self.elementType = elementType
  }
}
