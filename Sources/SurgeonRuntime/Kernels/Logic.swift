internal import SurgeonIR

/// And, Or, Xor and Not of truth values, and Where.
enum Logic {
  @Sendable static func and(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call) { $0 != 0 && $1 != 0 ? 1 : 0 }
  }
  @Sendable static func or(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call) { $0 != 0 || $1 != 0 ? 1 : 0 }
  }
  @Sendable static func xor(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call) { ($0 != 0) != ($1 != 0) ? 1 : 0 }
  }

  private static func combine(
    _ call: KernelCall, _ body: (UInt8, UInt8) -> UInt8
  ) throws(SurgeonError) -> [Datum?] {
    let (a, b) = try call.broadcastOperands()
    guard a.elementType == .bool else { throw call.unsupported(a.elementType) }
    return [try call.combine(a, b, as: .bool, body)]
  }

  @Sendable static func not(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    guard tensor.elementType == .bool else { throw call.unsupported(tensor.elementType) }
    let x = try tensor.view(as: UInt8.self)
    let y = try call.output(x.shape, of: UInt8.self, as: .bool)
    for index in 0..<x.count { y[index] = x[index] == 0 ? 1 : 0 }
    return [y.datum]
  }

  /// Elements of the second input where the first is true, of the third elsewhere.
  @Sendable static func choose(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let condition = try call.tensor(0)
    let (a, b) = (try call.tensor(1), try call.tensor(2))
    guard a.elementType == b.elementType, condition.elementType == .bool else {
      throw call.failure("the condition is not bool, or the operands have different types")
    }
    let shape = try Sizes.broadcast(
      try Sizes.broadcast(condition.shape, a.shape), b.shape)
    let flags = try call.broadcast(condition, to: shape).view(as: UInt8.self)
    let left = try call.broadcast(a, to: shape)
    let right = try call.broadcast(b, to: shape)
    let count = flags.count
    // Side by side along a new first axis, the operands are one tensor to gather from.
    let both = try call.concatenated(
      [left.reshaped([1, count]), right.reshaped([1, count])], axis: 0)
    let starts = (0..<count).map { flags[$0] != 0 ? $0 : count + $0 }
    return [
      .tensor(try call.gather(both, blocks: starts, length: 1, shape: shape))
    ]
  }
}
