internal import CKernels
internal import SurgeonIR

enum Add: BinaryFunction {
  static var pairing: ck_pairing? { CK_SUM_OF }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> T { T.plus(a, b) }
}

enum Sub: BinaryFunction {
  static var pairing: ck_pairing? { CK_DIFFERENCE }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> T { T.minus(a, b) }
}

enum Mul: BinaryFunction {
  static var pairing: ck_pairing? { CK_PRODUCT_OF }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> T { T.times(a, b) }
}

/// Rounded toward zero for integers.
enum Div: BinaryFunction {
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> T { T.quotient(a, b) }
}

enum Greater: Relation {
  static var pairing: (ck_pairing, exchanges: Bool) { (CK_LESS, true) }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> Bool { a > b }
}

enum GreaterOrEqual: Relation {
  static var pairing: (ck_pairing, exchanges: Bool) { (CK_LESS_OR_EQUAL, true) }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> Bool { a >= b }
}

enum Less: Relation {
  static var pairing: (ck_pairing, exchanges: Bool) { (CK_LESS, false) }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> Bool { a < b }
}

enum LessOrEqual: Relation {
  static var pairing: (ck_pairing, exchanges: Bool) { (CK_LESS_OR_EQUAL, false) }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> Bool { a <= b }
}

enum EqualNumbers: Relation {
  static var pairing: (ck_pairing, exchanges: Bool) { (CK_EQUAL, false) }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> Bool { a == b }
}

/// Equality of numbers, truth values and strings.
enum Equal {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let (a, b) = try call.broadcastOperands()
    guard a.elementType == .string else { return try compare(EqualNumbers.self)(call) }
    let shape = try Sizes.broadcast(a.shape, b.shape)
    let left = try call.broadcast(a, to: shape).strings()
    let right = try call.broadcast(b, to: shape).strings()
    let result = try call.output(shape, of: UInt8.self, as: .bool)
    for index in 0..<result.count { result[index] = left[index] == right[index] ? 1 : 0 }
    return [result.datum]
  }
}

/// The remainder: with the sign of the divisor, or of the dividend where `fmod` is set.
enum Mod: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let (a, b) = try call.broadcastOperands()
    if call.node.flag("fmod") {
      return [
        try call.combine(a, b, as: a.elementType) { (a: T, b: T) -> T in T.remainder(a, b) }
      ]
    }
    return [
      try call.combine(a, b, as: a.elementType) { (a: T, b: T) -> T in
        let remainder = T.remainder(a, b)
        let isOpposed = (remainder < .zero) != (b < .zero)
        return remainder != .zero && isOpposed ? T.plus(remainder, b) : remainder
      }
    ]
  }
}

/// a to the power b, in the type of a; b may be of another type.
enum Pow {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let (a, b) = (try call.tensor(0), try call.tensor(1))
    let type = a.elementType
    if type == b.elementType, type.isFloatingPoint { return try real(InOneType.self)(call) }
    // Mixed types meet in Float64, which holds every Int32 and Float32 exactly.
    let wide = call.with([
      .tensor(try Casting.convert(a, to: .float64, call)),
      .tensor(try Casting.convert(b, to: .float64, call)),
    ])
    guard case .tensor(let power)? = try InOneType.run(wide, as: Double.self)[0] else { return [] }
    return [.tensor(try .converting(power.doubles(), to: type, shape: power.shape))]
  }

  private enum InOneType: RealOperator {
    static func run<T: Real>(
      _ call: KernelCall, as type: T.Type
    ) throws(SurgeonError) -> [Datum?] {
      let (a, b) = try call.broadcastOperands()
      return [
        try call.combine(a, b, as: T.elementType) { (a: T, b: T) -> T in T.pow(a, b) }
      ]
    }
  }
}

/// Max, Min, Sum and Mean of any number of operands.
enum Variadic {
  @Sendable static func sum(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try fold(call, zip(Add.self))
  }
  @Sendable static func maximum(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try fold(call, zip(Maximum.self))
  }
  @Sendable static func minimum(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try fold(call, zip(Minimum.self))
  }
  @Sendable static func mean(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    guard case .tensor(let total)? = try fold(call, zip(Add.self))[0] else { return [] }
    let count = try Casting.convert(
      Tensor(scalar: Double(call.inputs.count)), to: total.elementType, call)
    return try zip(Div.self)(call.with([.tensor(total), .tensor(count)]))
  }

  private static func fold(
    _ call: KernelCall, _ step: ReferenceKernel.Body
  ) throws(SurgeonError) -> [Datum?] {
    var result = try call.datum(0)
    for input in call.inputs.dropFirst() {
      guard let input else { throw call.failure("an operand is left out") }
      result = try step(call.with([.datum(result), input]))[0] ?? result
    }
    return [result]
  }

  private enum Maximum: BinaryFunction {
    // A comparison with NaN is false; NaN wins as it does in NumPy.
    static func apply<T: Arithmetic>(_ a: T, _ b: T) -> T { a > b || a != a ? a : b }
  }
  private enum Minimum: BinaryFunction {
    static func apply<T: Arithmetic>(_ a: T, _ b: T) -> T { a < b || a != a ? a : b }
  }
}

extension KernelCall {
  /// The same node with other inputs.
  func with(_ inputs: [RuntimeValue?]) -> KernelCall {
    KernelCall(node: node, inputs: inputs, context: context, frame: frame)
  }
}
