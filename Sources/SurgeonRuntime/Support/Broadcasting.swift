internal import CKernels
internal import SurgeonIR

/// A function of two numbers that yields one of the same type.
protocol BinaryFunction: SendableMetatype {
  /// The vector kernel that computes the same; nil where there is none.
  static var pairing: ck_pairing? { get }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> T
}

extension BinaryFunction {
  static var pairing: ck_pairing? { nil }
}

/// A function of two numbers that yields a truth value.
protocol Relation: SendableMetatype {
  /// The vector kernel that computes the same, and whether it takes the operands exchanged.
  static var pairing: (ck_pairing, exchanges: Bool) { get }
  static func apply<T: Arithmetic>(_ a: T, _ b: T) -> Bool
}

/// Applies a function of two operands under the operator's broadcasting rule.
func zip<F: BinaryFunction>(_ function: F.Type) -> ReferenceKernel.Body {
  number(ZipNumber<F>.self)
}

func compare<F: Relation>(_ relation: F.Type) -> ReferenceKernel.Body {
  number(ZipRelation<F>.self)
}

private enum ZipNumber<F: BinaryFunction>: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let (a, b) = try call.broadcastOperands()
    if let pairing = F.pairing, a.elementType != .bool,
      let paired = try call.paired(a, b, as: a.elementType, pairing)
    {
      return [paired]
    }
    return [
      try call.combine(a, b, as: a.elementType) { (x: T, y: T) -> T in F.apply(x, y) }
    ]
  }
}

private enum ZipRelation<F: Relation>: NumberOperator {
  static func run<T: Arithmetic>(
    _ call: KernelCall, as type: T.Type
  ) throws(SurgeonError) -> [Datum?] {
    let (a, b) = try call.broadcastOperands()
    let (pairing, exchanges) = F.pairing
    let (first, second) = exchanges ? (b, a) : (a, b)
    if let paired = try call.paired(first, second, as: .bool, pairing) { return [paired] }
    return [
      try call.combine(a, b, as: .bool) { (x: T, y: T) -> UInt8 in F.apply(x, y) ? 1 : 0 }
    ]
  }
}

extension KernelCall {
  /// The two operands, the second with the axes that operator versions before 7 give it: there it
  /// stretches only where `broadcast` is set, and `axis` says where its first axis belongs.
  func broadcastOperands() throws(SurgeonError) -> (Tensor, Tensor) {
    let a = try tensor(0)
    var b = try tensor(1)
    guard a.elementType == b.elementType else {
      throw failure("the operands have different element types")
    }
    guard node.domain.isEmpty, node.opset < 7, node.flag("broadcast") else { return (a, b) }
    let rank = a.shape.count
    let axis =
      try node.int("axis").map { (axis) throws(SurgeonError) in
        try Sizes.axis(axis, rank: max(rank, 1))
      } ?? rank - b.shape.count
    let missing = rank - axis - b.shape.count
    guard missing >= 0 else { throw failure("the second operand does not fit behind axis \(axis)") }
    b = b.reshaped(b.shape + Array(repeating: 1, count: missing))
    return (a, b)
  }

  /// The same by a vector kernel; nil where it has none for the element type or these strides.
  func paired(
    _ a: Tensor, _ b: Tensor, as elementType: ElementType, _ pairing: ck_pairing
  ) throws(SurgeonError) -> Datum? {
    guard let type = ck_type(a.elementType), type != CK_FLOAT16, type != CK_BFLOAT16 else {
      return nil
    }
    let shape = try Sizes.broadcast(a.shape, b.shape)
    let loop = RowLoop(shape: shape, broadcasting: [a.shape, b.shape])
    let (leftStep, rightStep) = (loop.rowStrides[1], loop.rowStrides[2])
    guard loop.rowCount == 1 || (leftStep | 1 == 1 && rightStep | 1 == 1) else { return nil }
    let (left, right) = (try a.bytes(), try b.bytes())
    let width = a.elementType.bitWidth / 8
    guard left.count >= a.count * width, right.count >= b.count * width else {
      throw SurgeonError(.invalidData, "a tensor has too few bytes for its shape")
    }
    let narrow = elementType.bitWidth / 8
    let count = try Sizes.count(shape)
    let block = try context.allocate(byteCount: count * narrow)
    withExtendedLifetime((left, right, block)) {
      loop.share(threads: threads, nanoseconds: count * width / 16) { position, count in
        ck_combine(
          pairing, type, Int64(count), left.base + position[1] * width, Int64(leftStep),
          right.base + position[2] * width, Int64(rightStep), block.base + position[0] * narrow)
      }
    }
    return .tensor(
      Tensor(
        elementType: elementType, shape: shape,
        bytes: TensorBytes(
          owner: block, base: UnsafeRawPointer(block.base), count: count * narrow)))
  }

  /// Applies `body` to all pairs of elements.
  @inline(__always)
  func combine<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
    _ a: Tensor, _ b: Tensor, as elementType: ElementType, _ body: (A, B) -> R
  ) throws(SurgeonError) -> Datum {
    let shape = try Sizes.broadcast(a.shape, b.shape)
    let left = try a.view(as: A.self)
    let right = try b.view(as: B.self)
    let result = try output(shape, of: R.self, as: elementType)
    let loop = RowLoop(shape: shape, broadcasting: [a.shape, b.shape])
    let (leftStep, rightStep) = (loop.rowStrides[1], loop.rowStrides[2])
    loop.share(threads: threads, nanoseconds: result.count) { position, count in
      let out = result.base + position[0]
      let x = left.base + position[1]
      let y = right.base + position[2]
      switch (leftStep, rightStep) {
      case (1, 1): for index in 0..<count { out[index] = body(x[index], y[index]) }
      case (1, 0):
        let constant = y[0]
        for index in 0..<count { out[index] = body(x[index], constant) }
      case (0, 1):
        let constant = x[0]
        for index in 0..<count { out[index] = body(constant, y[index]) }
      default:
        for index in 0..<count {
          out[index] = body(x[index * leftStep], y[index * rightStep])
        }
      }
    }
    return result.datum
  }
}
