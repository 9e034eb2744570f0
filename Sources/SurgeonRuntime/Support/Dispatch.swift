internal import SurgeonIR

/// An operator that is written once for Float32 and Float64. Half-precision values are computed
/// in Float32 and rounded once.
protocol RealOperator: SendableMetatype {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?]
}

/// An operator that is written once for every number type.
protocol NumberOperator: SendableMetatype {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?]
}

/// The body of a real operator, by the element type of input `slot`.
///
/// - Parameter narrowing: the outputs that are of the inputs' half-precision type; nil for all.
func real<K: RealOperator>(
  _ kernel: K.Type, typeOf slot: Int = 0, narrowing: Set<Int>? = nil
) -> ReferenceKernel.Body {
  { (call: KernelCall) throws(SurgeonError) -> [Datum?] in
    switch try call.elementType(of: slot) {
    case .float32: return try K.run(call, as: Float.self)
    case .float64: return try K.run(call, as: Double.self)
    case let half where half == .float16 || half == .bfloat16:
      return try call.inSinglePrecision(outputs: half, narrowing) { (call) throws(SurgeonError) in
        try K.run(call, as: Float.self)
      }
    case let other: throw call.unsupported(other)
    }
  }
}

/// The body of a number operator, by the element type of input `slot`.
func number<K: NumberOperator>(_ kernel: K.Type, typeOf slot: Int = 0) -> ReferenceKernel.Body {
  { (call: KernelCall) throws(SurgeonError) -> [Datum?] in
    switch try call.elementType(of: slot) {
    case .float32: return try K.run(call, as: Float.self)
    case .float64: return try K.run(call, as: Double.self)
    case .int8: return try K.run(call, as: Int8.self)
    case .int16: return try K.run(call, as: Int16.self)
    case .int32: return try K.run(call, as: Int32.self)
    case .int64: return try K.run(call, as: Int64.self)
    case .uint8, .bool: return try K.run(call, as: UInt8.self)
    case .uint16: return try K.run(call, as: UInt16.self)
    case .uint32: return try K.run(call, as: UInt32.self)
    case .uint64: return try K.run(call, as: UInt64.self)
    case let half where half == .float16 || half == .bfloat16:
      return try call.inSinglePrecision(outputs: half) { (call) throws(SurgeonError) in
        try K.run(call, as: Float.self)
      }
    case let other: throw call.unsupported(other)
    }
  }
}

extension KernelCall {
  /// The error for an element type that the operator does not take.
  func unsupported(_ type: ElementType) -> SurgeonError {
    SurgeonError(
      .unsupportedOperator, "\(node.opType) has no kernel for elements of type \(type.name)")
  }

  /// Runs `body` with the half-precision inputs widened to Float32, and rounds its Float32 outputs
  /// to `half`.
  func inSinglePrecision(
    outputs half: ElementType, _ narrowing: Set<Int>? = nil,
    _ body: (KernelCall) throws(SurgeonError) -> [Datum?]
  ) throws(SurgeonError) -> [Datum?] {
    var widened: [RuntimeValue?] = []
    for input in inputs {
      guard let input, case .tensor(let tensor) = try input.plain() else {
        widened.append(input)
        continue
      }
      widened.append(.tensor(try tensor.widened()))
    }
    let call = KernelCall(node: node, inputs: widened, context: context, frame: frame)
    var results: [Datum?] = []
    for (slot, result) in try body(call).enumerated() {
      guard case .tensor(let tensor)? = result, tensor.elementType == .float32,
        narrowing?.contains(slot) ?? true
      else {
        results.append(result)
        continue
      }
      results.append(.tensor(try tensor.narrowed(to: half)))
    }
    return results
  }
}

extension Tensor {
  /// A half-precision tensor in Float32; any other tensor itself.
  func widened() throws(SurgeonError) -> Tensor {
    guard elementType == .float16 || elementType == .bfloat16 else { return self }
    let isBrain = elementType == .bfloat16
    let source = try view(as: UInt16.self)
    let numbers = source.elements.map {
      isBrain ? HalfPrecision.bfloat16($0) : HalfPrecision.float16($0)
    }
    return Tensor(numbers, shape: shape)
  }

  /// A Float32 tensor rounded to a half-precision type.
  func narrowed(to half: ElementType) throws(SurgeonError) -> Tensor {
    let source = try view(as: Float.self)
    return Tensor(rounding: source.elements.map(Double.init), to: half, shape: shape)
  }
}
