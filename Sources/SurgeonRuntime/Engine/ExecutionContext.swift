public import SurgeonIR
internal import Synchronization

/// What the kernels of one run share.
public final class ExecutionContext: Sendable {
  public let options: SessionOptions
  /// Memory that comes back when a value is freed.
  public let pool: BufferPool
  /// Where kernels keep constants that they have rearranged, for as long as their session exists.
  let weightPool: BufferPool
  /// How often each random node has run.
  private let occurrences = Mutex<[String: UInt64]>([:])

  private let reorders = Atomic<Int>(0)

  public convenience init(options: SessionOptions, pool: BufferPool = BufferPool()) {
    self.init(options: options, pool: pool, weightPool: PackedWeights.lasting)
  }

  init(options: SessionOptions, pool: BufferPool, weightPool: BufferPool) {
    self.options = options
    self.pool = pool
    self.weightPool = weightPool
  }

  /// `byteCount` uninitialised bytes, aligned to 64.
  ///
  /// - Throws: `impossible` where the machine has not that much memory.
  public func allocate(byteCount: Int) throws(SurgeonError) -> PooledBlock {
    try pool.block(byteCount: byteCount)
  }

  /// Copies between the arrangements of the fast engine that the run has needed so far.
  public var reorderCount: Int { reorders.load(ordering: .relaxed) }

  func countReorder() { reorders.add(1, ordering: .relaxed) }

  /// A generator for one run of a random node.
  ///
  /// It depends on the session's seed (or the node's own), the node's name and how often the node
  /// has run, so that neither other nodes nor the number of threads change what it yields.
  func generator(for node: NodeDescription) -> RandomGenerator {
    let name = node.name.isEmpty ? node.outputNames.joined(separator: ",") : node.name
    let occurrence = occurrences.withLock { counts in
      defer { counts[name, default: 0] += 1 }
      return counts[name, default: 0]
    }
    var seed = RandomGenerator.hash(name)
    if let own = node.float("seed") {
      seed = own.bitPattern
    } else {
      seed ^= options.seed &* 0x9E37_79B9_7F4A_7C15
    }
    return RandomGenerator(seed: seed &+ occurrence &* 0xD1B5_4A32_D192_ED03)
  }
}
