internal import CDnnlLoader
internal import SurgeonIR
internal import Synchronization

/// Weights in the arrangement that a primitive chose.
struct PackedWeights: PrimitiveArgument {
  /// What the weights are to their primitive.
  enum Kind: Equatable {
    case convolution(groups: Int, isTransposed: Bool)
    /// The right factor of a matrix product.
    case factor(isTransposed: Bool)
  }

  private let packing: WeightPacking
  var address: UnsafeRawPointer { UnsafeRawPointer(packing.block.base) }

  /// - Parameter rank: dimensions to keep; those after it have size 1.
  init(
    _ weights: StridedTensor, rank: Int, for primitive: Primitive, as kind: Kind,
    _ context: ExecutionContext
  ) throws(SurgeonError) {
    try self.init(weights, rank: rank, for: primitive, as: kind, source: nil, context)
  }

  private init(
    _ weights: StridedTensor, rank: Int, for primitive: Primitive, as kind: Kind,
    source: TensorBytes?, _ context: ExecutionContext
  ) throws(SurgeonError) {
    let block = try context.allocate(byteCount: dl_weights_size(primitive.raw))
    var (shape, strides) = (Array(weights.shape[..<rank]), Array(weights.strides[..<rank]))
    // Matrices have no groups.
    var (groups, swaps): (Int64, Int32) = (0, 0)
    switch kind {
    case .convolution(let count, let isTransposed):
      (groups, swaps) = (Int64(count), isTransposed ? 1 : 0)
    case .factor(isTransposed: true): (shape, strides) = (shape.reversed(), strides.reversed())
    case .factor: break
    }
    var layout = dl_layout(shape: shape, strides: strides)
    let reorder = Primitive { dl_reorder_weights(&layout, groups, swaps, primitive.raw, $0) }
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
    _ weights: Tensor, rank: Int, for primitive: Primitive, as kind: Kind,
    _ context: ExecutionContext
  ) throws(SurgeonError) -> PackedWeights {
    let bytes = try weights.bytes()
    if let packing = WeightPacking.known(bytes, kind: kind, for: primitive) {
      return PackedWeights(packing: packing)
    }
    func pack(_ base: UnsafeMutableRawPointer, _ owner: AnyObject) throws(SurgeonError) -> Self {
      let plain = StridedTensor(
        shape: weights.shape, strides: Arrangement.rowMajor.strides(for: weights.shape),
        base: base.assumingMemoryBound(to: Float.self), owner: owner, context: context)
      return try PackedWeights(
        plain, rank: rank, for: primitive, as: kind, source: bytes, context)
    }
    let packed: PackedWeights
    if UInt(bitPattern: bytes.base) % UInt(MemoryLayout<Float>.alignment) == 0 {
      packed = try pack(UnsafeMutableRawPointer(mutating: bytes.base), bytes.owner)
    } else {
      packed = try context.pool.withScratch(byteCount: bytes.count) { place throws(SurgeonError) in
        place.base.copyMemory(from: bytes.base, byteCount: bytes.count)
        return try pack(place.base, place)
      }
    }
    bytes.discardPages()
    packed.packing.announce()
    return packed
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

  func announce() {
    guard let source else { return }
    let reference = Reference(id: ObjectIdentifier(self), packing: self)
    Self.known.withLock { $0[UInt(bitPattern: source.base), default: []].append(reference) }
  }

  /// These weights in the arrangement that `primitive` wants, where somebody has them.
  static func known(
    _ bytes: TensorBytes, kind: PackedWeights.Kind, for primitive: Primitive
  ) -> WeightPacking? {
    let address = UInt(bitPattern: bytes.base)
    let candidates = known.withLock { $0[address]?.compactMap(\.packing) ?? [] }
    return candidates.first { other in
      other.source?.count == bytes.count && other.kind == kind
        && dl_same_weights(other.primitive.raw, primitive.raw) != 0
    }
  }
}
