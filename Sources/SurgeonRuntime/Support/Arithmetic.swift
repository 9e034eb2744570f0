internal import SurgeonIR

/// An element type with the four operations, none of which can stop the program: integers wrap
/// around, and dividing an integer by zero yields zero.
protocol Arithmetic: Scalar, Comparable {
  static var zero: Self { get }
  static var one: Self { get }
  /// True for floating-point types.
  static var isReal: Bool { get }
  static var lowest: Self { get }
  static var highest: Self { get }
  /// The nearest value of the type: rounded toward zero and clamped where it is an integer.
  init(converting value: Double)
  var double: Double { get }
  static func plus(_ a: Self, _ b: Self) -> Self
  static func minus(_ a: Self, _ b: Self) -> Self
  static func times(_ a: Self, _ b: Self) -> Self
  /// Rounded toward zero for integers.
  static func quotient(_ a: Self, _ b: Self) -> Self
  /// The remainder with the sign of the dividend, as C's `fmod` and `%`.
  static func remainder(_ a: Self, _ b: Self) -> Self
  var magnitudeValue: Self { get }
  var negated: Self { get }
}

extension Arithmetic where Self: FixedWidthInteger {
  @inline(__always) static var one: Self { 1 }
  @inline(__always) static var isReal: Bool { false }
  @inline(__always) static var lowest: Self { min }
  @inline(__always) static var highest: Self { max }
  @inline(__always) init(converting value: Double) {
    if value >= Double(Self.max) {
      self = Self.max
    } else if value <= Double(Self.min) {
      self = Self.min
    } else {
      self = value.isNaN ? 0 : Self(value)
    }
  }
  @inline(__always) var double: Double { Double(self) }
  @inline(__always) static func plus(_ a: Self, _ b: Self) -> Self { a &+ b }
  @inline(__always) static func minus(_ a: Self, _ b: Self) -> Self { a &- b }
  @inline(__always) static func times(_ a: Self, _ b: Self) -> Self { a &* b }
  @inline(__always) static func quotient(_ a: Self, _ b: Self) -> Self {
    b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
  }
  @inline(__always) static func remainder(_ a: Self, _ b: Self) -> Self {
    b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
  }
  @inline(__always) var magnitudeValue: Self { self < 0 ? 0 &- self : self }
  @inline(__always) var negated: Self { 0 &- self }
}

extension Int8: Arithmetic {}
extension Int16: Arithmetic {}
extension Int32: Arithmetic {}
extension Int64: Arithmetic {}
extension UInt8: Arithmetic {}
extension UInt16: Arithmetic {}
extension UInt32: Arithmetic {}
extension UInt64: Arithmetic {}

extension Arithmetic where Self: BinaryFloatingPoint {
  @inline(__always) static var one: Self { 1 }
  @inline(__always) static var isReal: Bool { true }
  @inline(__always) static var lowest: Self { -.infinity }
  @inline(__always) static var highest: Self { .infinity }
  @inline(__always) init(converting value: Double) { self.init(value) }
  @inline(__always) var double: Double { Double(self) }
  @inline(__always) static func plus(_ a: Self, _ b: Self) -> Self { a + b }
  @inline(__always) static func minus(_ a: Self, _ b: Self) -> Self { a - b }
  @inline(__always) static func times(_ a: Self, _ b: Self) -> Self { a * b }
  @inline(__always) static func quotient(_ a: Self, _ b: Self) -> Self { a / b }
  @inline(__always) static func remainder(_ a: Self, _ b: Self) -> Self {
    a.truncatingRemainder(dividingBy: b)
  }
  @inline(__always) var magnitudeValue: Self { magnitude }
  @inline(__always) var negated: Self { -self }
}

extension Float: Arithmetic {}
extension Double: Arithmetic {}
