internal import SurgeonIR

/// True where the element is not a number.
enum IsNaN: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let y = try call.output(x.shape, of: UInt8.self, as: .bool)
    for index in 0..<x.count { y[index] = x[index].isNaN ? 1 : 0 }
    return [y.datum]
  }
}

/// True where the element is an infinity of a sign that is asked for.
enum IsInf: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let y = try call.output(x.shape, of: UInt8.self, as: .bool)
    let negative = call.node.flag("detect_negative", default: true)
    let positive = call.node.flag("detect_positive", default: true)
    for index in 0..<x.count {
      let value = x[index]
      y[index] = value.isInfinite && (value < 0 ? negative : positive) ? 1 : 0
    }
    return [y.datum]
  }
}
