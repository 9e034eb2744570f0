internal import SurgeonIR
internal import SurgeonThreads
internal import Synchronization

/// A kernel of the fast engine: Float32 in channels-last or row-major arrangement.
protocol FastKernel: Sendable {
  /// Prepares what depends on the node alone; nil where this engine cannot compute the node.
  init?(_ node: NodeDescription) throws(SurgeonError)

  /// The outputs, or nil where the values at hand (another element type, an unusual attribute)
  /// are for the reference engine.
  mutating func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]?

  /// As in `Kernel`.
  var weightBytes: Int { get }
  mutating func prepare(_ call: KernelCall) throws(SurgeonError)
}

extension FastKernel {
  var weightBytes: Int { 0 }
  mutating func prepare(_ call: KernelCall) throws(SurgeonError) {}
}

/// A kernel of the fast engine with the reference kernel behind it.
final class FastKernelBox<Fast: FastKernel>: Kernel, @unchecked Sendable {
  // Unchecked: `fast` is used under `lock`, for the kernel holds primitives that run on one set of
  // arguments at a time. (A mutex of a generic type looks its metadata up whenever it is locked.)
  private var fast: Fast
  private let lock = Mutex(())
  private let fallback: any Kernel

  init(_ fast: Fast, fallback: any Kernel) {
    self.fast = fast
    self.fallback = fallback
  }

  var engineName: String { "fast" }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?] {
    OneDNN.use(threads: call.context.options.threads)
    let results = try lock.withLock { _ throws(SurgeonError) in try fast.run(call) }
    return if let results { results } else { try fallback.run(call) }
  }

  var weightBytes: Int { lock.withLock { _ in fast.weightBytes } }

  func prepare(_ call: KernelCall) {
    OneDNN.use(threads: call.context.options.threads)
    try? lock.withLock { _ throws(SurgeonError) in try fast.prepare(call) }
  }
}

extension KernelCall {
  /// Input `slot` where it is a Float32 tensor, in whatever arrangement it has; nil otherwise.
  func strided(_ slot: Int) throws(SurgeonError) -> StridedTensor? {
    guard slot < inputs.count, let value = inputs[slot] else { return nil }
    switch value {
    case .layout(let layout):
      if let grouped = layout as? GroupedTensor { return try grouped.rowMajor() }
      return layout as? StridedTensor
    case .datum(.tensor(let tensor)): return try StridedTensor(tensor, context)
    case .datum: return nil
    }
  }

  /// Input `slot` as a Float32 tensor in `arrangement`; nil where it is none.
  func strided(
    _ slot: Int, _ arrangement: Arrangement
  ) throws(SurgeonError) -> StridedTensor? {
    try strided(slot)?.arranged(arrangement)
  }

  /// The shape of input `slot` where that is a Float32 tensor; nil otherwise.
  func float32Shape(_ slot: Int) -> [Int]? {
    guard slot < inputs.count, let value = inputs[slot], value.elementType == .float32 else {
      return nil
    }
    return value.shape
  }

  /// True where nobody reads input `slot` after this node.
  func ownsInput(_ slot: Int) -> Bool { slot < consumes.count && consumes[slot] }

  /// Memory for a result of `shape` in place of input `slot`, where that fits and nobody reads the
  /// input after this node; nil otherwise.
  func place(
    of slot: Int, _ x: StridedTensor, shape: [Int], _ arrangement: Arrangement
  ) -> StridedTensor? {
    guard ownsInput(slot), case .layout(let layout)? = inputs[slot],
      layout === x || (layout as? GroupedTensor)?.source === x, x.shape == shape,
      x.matches(arrangement)
    else { return nil }
    return x.successor()
  }

  /// Elementwise steps applied to the first input, in its place where nobody else reads it.
  ///
  /// - Parameter x: that input, as it stands or rearranged.
  func changed(
    _ x: StridedTensor, _ steps: [ElementwiseChain.Step]
  ) throws(SurgeonError) -> StridedTensor {
    let arrangement = ElementwiseChain.arrangement(of: [x], shape: x.shape)
    return try ElementwiseChain(steps: steps).run(
      x, shape: x.shape, arrangement, context,
      into: place(of: 0, x, shape: x.shape, arrangement))
  }

  /// Calls `body` for every index below `count`, on several threads where that pays.
  ///
  /// - Parameter nanoseconds: about what all calls take on one thread.
  func share(_ count: Int, nanoseconds: Int, _ body: (Int) -> Void) {
    ThreadPool.shared.run(count: count, threads: threads, nanoseconds: nanoseconds, body)
  }

  /// An uninitialised result.
  func result(
    _ shape: [Int], _ arrangement: Arrangement
  ) throws(SurgeonError) -> StridedTensor {
    try StridedTensor(shape: shape, arrangement, context)
  }
}
