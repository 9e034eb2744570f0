internal import SurgeonIR

/// What may stand at an input of a pattern: another pattern, a capture, or a number (a constant
/// whose every element is that number).
public protocol PatternElement: Sendable {
  var pattern: Pattern { get }
}

extension Capture: PatternElement {
  public var pattern: Pattern {
    Pattern(.capture(name, Bound.captureKind), at: location)
  }
}

extension Int: PatternElement {
  public var pattern: Pattern { Op.number(Double(self)).at(nil) }
}

extension Double: PatternElement {
  public var pattern: Pattern { Op.number(self).at(nil) }
}
