internal import SurgeonIR

/// Operators on the bits of integers. Bits do not care for the sign, so that each width has one
/// loop; shifting right is defined for unsigned types only.
enum Bitwise {
  @Sendable static func and(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call) { $0 & $1 }
  }
  @Sendable static func or(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call) { $0 | $1 }
  }
  @Sendable static func xor(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call) { $0 ^ $1 }
  }

  @Sendable static func not(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    guard case .integers(let values, _) = try Numbers(tensor) else {
      throw call.unsupported(tensor.elementType)
    }
    return [
      .tensor(
        try .truncating(values.map { ~$0 }, to: tensor.elementType, shape: tensor.shape))
    ]
  }

  @Sendable static func shift(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let type = try call.tensor(0).elementType
    switch call.node.string("direction") {
    case "LEFT": return try combine(call) { $1 < 0 || $1 >= 64 ? 0 : $0 << $1 }
    case "RIGHT":
      // Sign extension of signed types (version 28), zeros for unsigned ones.
      let isUnsigned: Bool
      if case .integers(_, let flag) = try Numbers(try call.tensor(0)) {
        isUnsigned = flag
      } else {
        throw call.unsupported(type)
      }
      return try combine(call) { value, count in
        if count < 0 || count >= 64 { return isUnsigned || value >= 0 ? 0 : -1 }
        return isUnsigned
          ? Int64(bitPattern: UInt64(bitPattern: value) >> UInt64(count)) : value >> count
      }
    default: throw call.failure("attribute 'direction' is neither LEFT nor RIGHT")
    }
  }

  private static func combine(
    _ call: KernelCall, _ body: (Int64, Int64) -> Int64
  ) throws(SurgeonError) -> [Datum?] {
    let (a, b) = try call.broadcastOperands()
    guard case .integers(let left, _) = try Numbers(a),
      case .integers(let right, _) = try Numbers(b)
    else { throw call.unsupported(a.elementType) }
    let wide = try call.combine(
      Tensor(left, shape: a.shape), Tensor(right, shape: b.shape), as: .int64, body)
    guard case .tensor(let result) = wide else { return [] }
    let bits = try result.view(as: Int64.self).elements
    if a.elementType == .bool {
      return [.tensor(try .converting(bits.map(Double.init), to: .bool, shape: result.shape))]
    }
    return [.tensor(try .truncating(bits, to: a.elementType, shape: result.shape))]
  }
}
