internal import CDnnlLoader
internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads
internal import Synchronization

/// Weights in the arrangement that a primitive chose.
struct PackedWeights: PrimitiveArgument {
  /// What the weights are to their primitive.
  enum Kind: Equatable {
    case convolution(groups: Int, isTransposed: Bool)
    /// The right factor of a matrix product.
    case factor(isTransposed: Bool)
  }

  /// Memory for weights that stay: sessions that have the same ones come and go.
  static let lasting = BufferPool(keepsPages: false)

  private let packing: WeightPacking
  var address: UnsafeRawPointer { UnsafeRawPointer(packing.block.base) }

  /// - Parameters:
  ///   - weights: row-major.
  ///   - shape: their dimensions as the primitive sees them, with or without some of size 1.
  init(
    _ weights: StridedTensor, shape: [Int], for primitive: Primitive, as kind: Kind,
    _ context: ExecutionContext
  ) throws(SurgeonError) {
    try self.init(
      weights, shape: shape, for: primitive, as: kind, source: nil, in: context.pool, context)
  }

  private init(
    _ weights: StridedTensor, shape: [Int], for primitive: Primitive, as kind: Kind,
    source: TensorBytes?, in pool: BufferPool, _ context: ExecutionContext
  ) throws(SurgeonError) {
    let block = try pool.block(byteCount: dl_weights_size(primitive.raw))
    var (shape, strides) = (shape, Arrangement.rowMajor.strides(for: shape))
    // Matrices have no groups.
    var (groups, swaps): (Int64, Int32) = (0, 0)
    switch kind {
    case .convolution(let count, let isTransposed):
      (groups, swaps) = (Int64(count), isTransposed ? 1 : 0)
    case .factor(isTransposed: true): (shape, strides) = (shape.reversed(), strides.reversed())
    case .factor: break
    }
    var layout = dl_layout(shape: shape, strides: strides)
    // It runs on as many threads as it is made for. Its time is part of that of rearranging, or, for weights
    // that are computed, of the run.
    OneDNN.use(threads: context.options.threads)
    let reorder = Primitive(countedBy: PreparationMeter()) {
      dl_reorder_weights(&layout, groups, swaps, primitive.raw, $0)
    }
    guard let reorder else {
      throw SurgeonError(.broken, "oneDNN cannot rearrange weights of shape \(weights.shape)")
    }
    packing = WeightPacking(block: block, kind: kind, primitive: primitive, source: source)
    try reorder.execute([weights, self])
  }

  private init(packing: WeightPacking) { self.packing = packing }

  /// Constant weights, which a model and its rewrite have in common: while a session has them in
  /// the arrangement that `primitive` wants, another takes the same memory.
  static func shared(
    _ weights: Tensor, shape: [Int], for primitive: Primitive, as kind: Kind,
    in pool: BufferPool, _ context: ExecutionContext
  ) throws(SurgeonError) -> PackedWeights {
    let bytes = try weights.bytes()
    if let packing = WeightPacking.known(bytes, kind: kind, for: primitive) {
      return PackedWeights(packing: packing)
    }
    let packed = try withElements(of: weights, context) { plain throws(SurgeonError) in
      try PackedWeights(
        plain, shape: shape, for: primitive, as: kind, source: bytes, in: pool, context)
    }
    return PackedWeights(packing: packed.packing.announce())
  }

  /// Constant weights, those of each channel multiplied by its factor.
  static func scaled(
    _ weights: Tensor, by factors: ChannelFactors, shape: [Int], for primitive: Primitive,
    as kind: Kind, in pool: BufferPool, _ context: ExecutionContext
  ) throws(SurgeonError) -> PackedWeights {
    try withElements(of: weights, context) { plain throws(SurgeonError) in
      try factors.multiply(plain, context)
      return try PackedWeights(
        plain, shape: shape, for: primitive, as: kind, source: nil, in: pool, context)
    }
  }

  /// Calls `body` with a copy of constant weights that it may change and that is gone afterwards.
  ///
  /// The copy is needed because weights stand anywhere in a file. It takes the place of values that
  /// are gone or not yet there, and the file is read into it: the pages of the file itself stay out
  /// of memory.
  private static func withElements<Result>(
    of weights: Tensor, _ context: ExecutionContext,
    _ body: (StridedTensor) throws(SurgeonError) -> Result
  ) throws(SurgeonError) -> Result {
    let bytes = try weights.bytes()
    let timer = PreparationMeter.weights.start()
    let plain = try StridedTensor(shape: weights.shape, .rowMajor, context)
    let piece = 1 << 18
    let count = plain.count * MemoryLayout<Float>.stride
    withExtendedLifetime(plain) {
      ThreadPool.shared.run(
        count: (count + piece - 1) / piece, threads: context.options.threads
      ) { index in
        let range = index * piece..<min(count, (index + 1) * piece)
        bytes[range].copy(to: UnsafeMutableRawPointer(plain.base) + range.lowerBound)
      }
    }
    let result = try body(plain)
    bytes.discardPages()
    PreparationMeter.weights.stop(timer, amount: count)
    return result
  }
}

/// Memory with rearranged weights.
private final class WeightPacking: Sendable {
  let block: PooledBlock
  private let kind: PackedWeights.Kind
  /// Whose arrangement it is.
  private let primitive: Primitive
  /// The weights; their address says which they are for as long as this keeps them alive.
  private let source: TensorBytes?

  private struct Reference {
    let id: ObjectIdentifier
    weak var packing: WeightPacking?
  }

  /// By the address of the weights.
  private static let known = Mutex<[UInt: [Reference]]>([:])

  init(block: PooledBlock, kind: PackedWeights.Kind, primitive: Primitive, source: TensorBytes?) {
    self.block = block
    self.kind = kind
    self.primitive = primitive
    self.source = source
  }

  deinit {
    guard let source else { return }
    let (address, id) = (UInt(bitPattern: source.base), ObjectIdentifier(self))
    Self.known.withLock { known in
      known[address]?.removeAll { $0.id == id }
      if known[address]?.isEmpty == true { known[address] = nil }
    }
  }

  /// Offers the packing to others. Returns it, or an equal one that somebody has made meanwhile.
  func announce() -> WeightPacking {
    guard let source else { return self }
    let address = UInt(bitPattern: source.base)
    let reference = Reference(id: ObjectIdentifier(self), packing: self)
    return Self.known.withLock { known in
      let others = known[address]?.compactMap(\.packing) ?? []
      if let same = others.first(where: { $0.holds(source, kind: kind, for: primitive) }) {
        return same
      }
      known[address, default: []].append(reference)
      return self
    }
  }

  private func holds(
    _ bytes: TensorBytes, kind: PackedWeights.Kind, for primitive: Primitive
  ) -> Bool {
    source?.count == bytes.count && self.kind == kind
      && dl_same_weights(self.primitive.raw, primitive.raw) != 0
  }

  /// These weights in the arrangement that `primitive` wants, where somebody has them.
  static func known(
    _ bytes: TensorBytes, kind: PackedWeights.Kind, for primitive: Primitive
  ) -> WeightPacking? {
    let address = UInt(bitPattern: bytes.base)
    let candidates = known.withLock { $0[address]?.compactMap(\.packing) ?? [] }
    return candidates.first { $0.holds(bytes, kind: kind, for: primitive) }
  }
}
