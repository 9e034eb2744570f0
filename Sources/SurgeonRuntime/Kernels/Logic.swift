internal import CKernels
internal import SurgeonIR

/// And, Or, Xor and Not of truth values, and Where.
enum Logic {
  @Sendable static func and(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call, CK_BOTH) { $0 != 0 && $1 != 0 ? 1 : 0 }
  }
  @Sendable static func or(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call, CK_EITHER) { $0 != 0 || $1 != 0 ? 1 : 0 }
  }
  @Sendable static func xor(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    try combine(call, CK_ONE) { ($0 != 0) != ($1 != 0) ? 1 : 0 }
  }

  private static func combine(
    _ call: KernelCall, _ pairing: ck_pairing, _ body: (UInt8, UInt8) -> UInt8
  ) throws(SurgeonError) -> [Datum?] {
    let (a, b) = try call.broadcastOperands()
    guard a.elementType == .bool, b.elementType == .bool else {
      throw call.unsupported(a.elementType)
    }
    if let paired = try call.paired(a, b, as: .bool, pairing) { return [paired] }
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
    guard a.elementType.bitWidth >= 8, a.elementType != .string else {
      return [.tensor(try chooseByIndex(condition, a, b, shape, call))]
    }
    let width = a.elementType.bitWidth / 8
    let count = try Sizes.count(shape)
    let block = try call.context.allocate(byteCount: count * width)
    let (flags, left, right) = (try condition.bytes(), try a.bytes(), try b.bytes())
    let loop = RowLoop(shape: shape, broadcasting: [condition.shape, a.shape, b.shape])
    let steps = loop.rowStrides.map { Int64($0) }
    withExtendedLifetime((block, flags, left, right)) {
      loop.share(threads: call.threads, nanoseconds: count * width / 8) { position, count in
        ck_select(
          Int64(width), Int64(count),
          (flags.base + position[1]).assumingMemoryBound(to: UInt8.self), steps[1],
          left.base + position[2] * width, steps[2], right.base + position[3] * width, steps[3],
          block.base + position[0] * width)
      }
    }
    return [
      .tensor(
        Tensor(
          elementType: a.elementType, shape: shape,
          bytes: TensorBytes(
            owner: block, base: UnsafeRawPointer(block.base), count: count * width)))
    ]
  }

  /// The same for strings and elements narrower than a byte.
  private static func chooseByIndex(
    _ condition: Tensor, _ a: Tensor, _ b: Tensor, _ shape: [Int], _ call: KernelCall
  ) throws(SurgeonError) -> Tensor {
    let flags = try call.broadcast(condition, to: shape).view(as: UInt8.self)
    let left = try call.broadcast(a, to: shape)
    let right = try call.broadcast(b, to: shape)
    let count = flags.count
    // Side by side along a new first axis, the operands are one tensor to gather from.
    let both = try call.concatenated(
      [left.reshaped([1, count]), right.reshaped([1, count])], axis: 0)
    let starts = (0..<count).map { flags[$0] != 0 ? $0 : count + $0 }
    return try call.gather(both, blocks: starts, length: 1, shape: shape)
  }
}
