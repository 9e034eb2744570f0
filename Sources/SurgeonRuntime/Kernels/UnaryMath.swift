internal import SurgeonIR

enum Abs: NumberFunction {
  static func apply<T: Arithmetic>(_ x: T) -> T { x.magnitudeValue }
}

enum Neg: NumberFunction {
  static func apply<T: Arithmetic>(_ x: T) -> T { x.negated }
}

enum Sign: NumberFunction {
  static func apply<T: Arithmetic>(_ x: T) -> T {
    x > .zero ? .one : x < .zero ? T.one.negated : x
  }
}

struct Ceil: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { x.rounded(.up) }
}

struct Floor: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { x.rounded(.down) }
}

/// To the nearest integer, halves to the even one.
struct Round: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { x.rounded(.toNearestOrEven) }
}

struct Reciprocal: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { 1 / x }
}

struct Sqrt: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { x.squareRoot() }
}

struct Exp: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.exp(x) }
}

struct Log: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.log(x) }
}

struct Erf: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.erf(x) }
}

struct Sin: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.sin(x) }
}

struct Cos: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.cos(x) }
}

struct Tan: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.tan(x) }
}

struct Asin: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.asin(x) }
}

struct Acos: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.acos(x) }
}

struct Atan: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.atan(x) }
}

struct Sinh: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.sinh(x) }
}

struct Cosh: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.cosh(x) }
}

struct Tanh: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.tanh(x) }
}

struct Asinh: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.asinh(x) }
}

struct Acosh: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.acosh(x) }
}

struct Atanh: RealFunction {
  init(_ node: NodeDescription) {}
  func callAsFunction<T: Real>(_ x: T) -> T { T.atanh(x) }
}
