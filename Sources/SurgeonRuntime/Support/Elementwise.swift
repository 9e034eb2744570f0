internal import SurgeonIR

/// A function of one real number, with the parameters that a node gives it.
protocol RealFunction: SendableMetatype {
  init(_ node: NodeDescription) throws(SurgeonError)
  func callAsFunction<T: Real>(_ x: T) -> T
}

/// A function of one number of any type.
protocol NumberFunction: SendableMetatype {
  static func apply<T: Arithmetic>(_ x: T) -> T
}

/// Applies a real function to every element.
func map<F: RealFunction>(_ function: F.Type) -> ReferenceKernel.Body {
  real(MapReal<F>.self)
}

func map<F: NumberFunction>(_ function: F.Type) -> ReferenceKernel.Body {
  number(MapNumber<F>.self)
}

private enum MapReal<F: RealFunction>: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let function = try F(call.node)
    let x = try call.tensor(0).view(as: T.self)
    let y = try call.output(x.shape, of: T.self)
    for index in 0..<x.count { y.base[index] = function(x.base[index]) }
    return [y.datum]
  }
}

private enum MapNumber<F: NumberFunction>: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let input = try call.tensor(0)
    let x = try input.view(as: T.self)
    let y = try call.output(x.shape, of: T.self, as: input.elementType)
    for index in 0..<x.count { y.base[index] = F.apply(x.base[index]) }
    return [y.datum]
  }
}
