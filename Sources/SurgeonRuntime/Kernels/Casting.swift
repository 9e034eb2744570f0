internal import CKernels
internal import SurgeonIR

/// Cast, CastLike and BitCast.
enum Casting {
  @Sendable static func cast(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let type: ElementType?
    if case .string(let name)? = call.node.attribute("to") {
      // Version 1 names the type.
      type = ElementType(name: String(decoding: name, as: UTF8.self).lowercased())
    } else {
      type = try call.node.elementType("to")
    }
    guard let type else { throw call.failure("attribute 'to' is missing") }
    return [.tensor(try convert(try call.tensor(0), to: call.runtimeType(type), call))]
  }

  @Sendable static func castLike(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    [.tensor(try convert(try call.tensor(0), to: try call.tensor(1).elementType, call))]
  }

  /// The same bits under another element type of the same width.
  @Sendable static func bitCast(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    guard let type = try call.node.elementType("to") else {
      throw call.failure("attribute 'to' is missing")
    }
    guard type.bitWidth == tensor.elementType.bitWidth, type.bitWidth > 0 else {
      throw call.failure("\(tensor.elementType.name) and \(type.name) differ in width")
    }
    return [
      .tensor(Tensor(elementType: type, shape: tensor.shape, storage: .bytes(try tensor.bytes())))
    ]
  }

  /// `tensor` in another element type, by the rules of Cast with the node's attributes.
  static func convert(
    _ tensor: Tensor, to type: ElementType, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    if tensor.elementType == type { return tensor }
    if let result = try converted(tensor, to: type, call) { return result }
    let shape = tensor.shape
    let saturates = call.node.flag("saturate", default: true)
    switch try Numbers(tensor) {
    case .strings(let strings):
      var numbers: [Double] = []
      for text in strings { numbers.append(try number(text, call)) }
      if type == .int64 || type == .uint64 {
        let exact = strings.compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        if exact.count == strings.count {
          return try .truncating(exact, to: type, shape: shape)
        }
      }
      return try .converting(numbers, to: type, shape: shape)
    case .integers(let values, let isUnsigned):
      if type == .string {
        let texts = values.map { value in
          Array((isUnsigned ? String(UInt64(bitPattern: value)) : String(value)).utf8)
        }
        return Tensor(elementType: .string, shape: shape, storage: .strings(texts))
      }
      if type == .bool || type.isFloatingPoint {
        let numbers =
          isUnsigned
          ? values.map { Double(UInt64(bitPattern: $0)) } : values.map(Double.init)
        return try fromReals(numbers, to: type, shape: shape, saturates: saturates, call)
      }
      return try .truncating(values, to: type, shape: shape)
    case .reals(let values):
      if type == .string {
        let isSingle = tensor.elementType != .float64
        let texts = values.map { Array(text($0, isSingle: isSingle).utf8) }
        return Tensor(elementType: .string, shape: shape, storage: .strings(texts))
      }
      return try fromReals(values, to: type, shape: shape, saturates: saturates, call)
    }
  }

  /// The same for numbers and truth values of whole bytes; nil for others.
  private static func converted(
    _ tensor: Tensor, to type: ElementType, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor? {
    // Through Float32, Float64 would be rounded twice.
    let isHalf = type == .float16 || type == .bfloat16
    guard let from = ck_type(tensor.elementType), let to = ck_type(type),
      !isHalf || tensor.elementType == .float32
    else { return nil }
    let (x, count) = (try tensor.bytes(), tensor.count)
    let (wide, narrow) = (tensor.elementType.bitWidth / 8, type.bitWidth / 8)
    guard x.count >= count * wide else {
      throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
    }
    let block = try call.context.allocate(byteCount: count * narrow)
    withExtendedLifetime((x, block)) {
      call.shareElements(count, nanoseconds: count / 4) { range in
        ck_convert(
          from, to, Int64(range.count), x.base + range.lowerBound * wide,
          block.base + range.lowerBound * narrow)
      }
    }
    return Tensor(
      elementType: type, shape: tensor.shape,
      bytes: TensorBytes(
        owner: block, base: UnsafeRawPointer(block.base), count: count * narrow))
  }

  private static func fromReals(
    _ values: [Double], to type: ElementType, shape: [Int], saturates: Bool, _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    switch type {
    case .float8e8m0:
      let rounding = call.node.string("round_mode", default: "up")
      let codes = values.map {
        MiniFloat.encodeScale($0, saturates: saturates, rounding: rounding)
      }
      return Tensor(
        elementType: type, shape: shape, bytes: try Tensor(codes, shape: shape).bytes())
    case .bool: return try .converting(values, to: type, shape: shape)
    case _ where type.isFloatingPoint:
      return try .converting(values, to: type, shape: shape, saturates: saturates)
    case .uint64: return try .converting(values, to: type, shape: shape)
    default:
      // Out of range is undefined; like most hardware, keep the low bits of the 64-bit integer.
      return try .truncating(
        values.map { Int64(converting: $0.rounded(.towardZero)) }, to: type, shape: shape)
    }
  }

  /// The number that a text such as "1e-5", "+INF" or "NaN" means.
  private static func number(_ bytes: [UInt8], _ call: KernelCall) throws(SurgeonError) -> Double {
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    switch text {
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    case "nan", "+nan", "-nan": return .nan
    default:
      guard let number = Double(text.hasPrefix("+") ? String(text.dropFirst()) : text) else {
        throw call.failure("'\(text)' is not a number")
      }
      return number
    }
  }

  /// The shortest text that reads back as the same number, as NumPy writes it.
  private static func text(_ value: Double, isSingle: Bool) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-INF" : "INF" }
    if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
    return isSingle ? "\(Float(value))" : "\(value)"
  }
}

extension ck_type {
  /// Nil for types that the C kernels do not convert.
  init?(_ type: ElementType) {
    switch type {
    case .float32: self = CK_FLOAT32
    case .float64: self = CK_FLOAT64
    case .float16: self = CK_FLOAT16
    case .bfloat16: self = CK_BFLOAT16
    case .int8: self = CK_INT8
    case .int16: self = CK_INT16
    case .int32: self = CK_INT32
    case .int64: self = CK_INT64
    case .uint8: self = CK_UINT8
    case .uint16: self = CK_UINT16
    case .uint32: self = CK_UINT32
    case .uint64: self = CK_UINT64
    case .bool: self = CK_BOOL
    default: return nil
    }
  }
}
