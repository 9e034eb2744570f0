internal import SurgeonIR
internal import Synchronization

/// A node's constant weights for one primitive, in the arrangement that it wants.
///
/// They are rearranged once and kept. A session that runs once rearranges them right before the node
/// runs, into memory that values had before, and gives it back after the node: a hundred megabytes of
/// fresh memory may cost more than all of its arithmetic.
final class ConstantWeights: Sendable {
  private enum State {
    case unused
    /// Once, for one run; a node that runs again, in a loop, say, keeps them.
    case used
    case kept(PackedWeights)
  }

  private let weights: Tensor
  private let factors: ChannelFactors
  private let shape: [Int]
  private let primitive: Primitive
  private let kind: PackedWeights.Kind
  private let state = Mutex(State.unused)

  /// - Parameters:
  ///   - shape: the dimensions of the weights as the primitive sees them, with or without some of
  ///     size 1.
  init(
    _ weights: Tensor, by factors: ChannelFactors = ChannelFactors(), shape: [Int],
    for primitive: Primitive, as kind: PackedWeights.Kind, _ context: ExecutionContext
  ) throws(SurgeonError) {
    self.weights = weights
    self.factors = factors
    self.shape = shape
    self.primitive = primitive
    self.kind = kind
    if !context.options.runsOnce { _ = try packed(context) }
  }

  /// The weights as the primitive wants them, for one run of the node.
  func packed(_ context: ExecutionContext) throws(SurgeonError) -> PackedWeights {
    try state.withLock { state throws(SurgeonError) in
      switch state {
      case .kept(let packed): return packed
      case .unused where context.options.runsOnce:
        state = .used
        return try pack(in: context.pool, context)
      case .unused, .used:
        let packed = try pack(in: context.weightPool, context)
        state = .kept(packed)
        return packed
      }
    }
  }

  private func pack(
    in pool: BufferPool, _ context: ExecutionContext
  ) throws(SurgeonError) -> PackedWeights {
    if !factors.areOne {
      return try .scaled(
        weights, by: factors, shape: shape, for: primitive, as: kind, in: pool, context)
    }
    return try .shared(weights, shape: shape, for: primitive, as: kind, in: pool, context)
  }
}
