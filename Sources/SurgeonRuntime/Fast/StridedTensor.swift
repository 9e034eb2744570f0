internal import SurgeonIR
internal import Synchronization

/// A Float32 tensor of the fast engine: elements at any strides in memory that somebody owns.
///
/// Convolutional values travel from operator to operator channels-last in this form; a view of
/// another tensor (a transposition, a slice) costs nothing.
final class StridedTensor: EngineLayout, PrimitiveArgument, @unchecked Sendable {
  // Unchecked: the elements are written once, by the kernel that makes the tensor, before anybody
  // else sees it.
  let shape: [Int]
  /// Elements from one index of each dimension to the next.
  let strides: [Int]
  let base: UnsafeMutablePointer<Float>
  private var owner: AnyObject
  private let context: ExecutionContext
  /// The same elements in other arrangements, once somebody has asked for them.
  private let copies = Mutex(Copies())
  /// True while nobody but this tensor knows its memory, which was allocated for it.
  private let isExclusive: Atomic<Bool>

  private struct Copies {
    var rowMajor: StridedTensor?
    var channelsLast: StridedTensor?

    subscript(arrangement: Arrangement) -> StridedTensor? {
      get { arrangement == .rowMajor ? rowMajor : channelsLast }
      set {
        if arrangement == .rowMajor { rowMajor = newValue } else { channelsLast = newValue }
      }
    }
  }

  var elementType: ElementType { .float32 }
  var count: Int { shape.reduce(1, *) }
  var address: UnsafeRawPointer { UnsafeRawPointer(base) }

  init(
    shape: [Int], strides: [Int], base: UnsafeMutablePointer<Float>, owner: AnyObject,
    context: ExecutionContext, isExclusive: Bool = false
  ) {
    self.shape = shape
    self.strides = strides
    self.base = base
    self.owner = owner
    self.context = context
    self.isExclusive = Atomic(isExclusive)
  }

  /// Uninitialised elements.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  convenience init(
    shape: [Int], _ arrangement: Arrangement, _ context: ExecutionContext
  ) throws(SurgeonError) {
    try self.init(shape: shape, strides: arrangement.strides(for: shape), context)
  }

  /// Uninitialised elements that `strides` arrange without gaps.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  convenience init(
    shape: [Int], strides: [Int], _ context: ExecutionContext
  ) throws(SurgeonError) {
    let count = shape.reduce(1, *)
    let block = try context.allocate(byteCount: count * MemoryLayout<Float>.stride)
    self.init(
      shape: shape, strides: strides,
      base: block.base.bindMemory(to: Float.self, capacity: count), owner: block, context: context,
      isExclusive: true)
  }

  /// The elements of a plain Float32 tensor, where they are (or copied, where they are not
  /// aligned); nil for another type.
  convenience init?(_ tensor: Tensor, _ context: ExecutionContext) throws(SurgeonError) {
    guard tensor.elementType == .float32 else { return nil }
    let bytes = try tensor.bytes().aligned(for: .float32)
    let base = UnsafeMutableRawPointer(mutating: bytes.base)
    self.init(
      shape: tensor.shape, strides: Arrangement.rowMajor.strides(for: tensor.shape),
      base: base.bindMemory(to: Float.self, capacity: tensor.count), owner: bytes.owner,
      context: context)
  }

  func matches(_ arrangement: Arrangement) -> Bool {
    arrangement.matches(shape: shape, strides: strides)
  }

  /// The arrangement that a result made of this value should have: its own, or that of the value it
  /// is a part of.
  var arrangement: Arrangement {
    guard shape.count > 2, !matches(.rowMajor) else { return .rowMajor }
    let isDense = shape.indices.dropFirst(2).allSatisfy {
      shape[$0] == 1 || strides[$0] > strides[1]
    }
    return isDense && strides[1] == 1 && shape[1] > 1 ? .channelsLast : .rowMajor
  }

  /// The same elements under another shape or other strides.
  func view(shape: [Int], strides: [Int], offset: Int = 0) -> StridedTensor {
    share()
    return alias(shape: shape, strides: strides, offset: offset)
  }

  /// The same as `view`, for no longer than one kernel runs.
  func alias(shape: [Int], strides: [Int], offset: Int = 0) -> StridedTensor {
    StridedTensor(
      shape: shape, strides: strides, base: base + offset, owner: owner, context: context)
  }

  /// Says that somebody else may read the memory for as long as it exists.
  func share() { isExclusive.store(false, ordering: .relaxed) }

  /// A tensor in the memory of this one, which nobody may read any more; nil where somebody may.
  func successor() -> StridedTensor? {
    isExclusive.load(ordering: .relaxed) ? heir : nil
  }

  /// The tensor for whoever reads it last, who may write over it; as it is where somebody else knows of
  /// its memory, and where that is none of the engine's, such as a mapped file.
  func lent() -> StridedTensor {
    owner is PooledBlock && isKnownUniquelyReferenced(&owner) ? heir : self
  }

  /// A tensor in the memory of this one, as if nobody else knew of it.
  private var heir: StridedTensor {
    StridedTensor(
      shape: shape, strides: strides, base: base, owner: owner, context: context,
      isExclusive: true)
  }

  /// The tensor itself where it stands so already, otherwise a copy, which is kept.
  func arranged(_ arrangement: Arrangement) throws(SurgeonError) -> StridedTensor {
    if matches(arrangement) { return self }
    if let copy = copies.withLock({ $0[arrangement] }) { return copy }
    let copy = try StridedTensor(shape: shape, arrangement, context)
    StridedCopy.copy(self, to: copy, threads: context.options.threads)
    context.countReorder()
    copies.withLock { $0[arrangement] = copy }
    return copy
  }

  func plainTensor() throws(SurgeonError) -> Tensor {
    let plain = try arranged(.rowMajor)
    plain.share()
    let count = shape.reduce(1, *)
    return Tensor(
      elementType: .float32, shape: shape,
      bytes: TensorBytes(
        owner: plain, base: UnsafeRawPointer(plain.base), count: count * MemoryLayout<Float>.stride)
    )
  }
}

extension RuntimeValue {
  /// The Float32 elements where they are; nil for a value of another type.
  func strided() throws(SurgeonError) -> StridedTensor? {
    if case .layout(let layout) = self, let x = layout as? StridedTensor { return x }
    return try plain().tensor.flatMap { tensor throws(SurgeonError) in
      try StridedTensor(tensor, ExecutionContext(options: SessionOptions()))
    }
  }
}
