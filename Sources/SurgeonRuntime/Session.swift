public import SurgeonIR
public import SurgeonShapes

/// A model made ready to run: a plan with one kernel for each node.
///
/// ```swift
/// let session = try Session(model)
/// let outputs = try session.run(["x": .tensor(x)])
/// ```
public struct Session: Sendable {
  /// A value that a caller gives or may give.
  public struct Input: Sendable {
    public let name: String
    public let type: ValueType?
    /// True where the model has a default for it.
    public let isOptional: Bool
  }

  public let options: SessionOptions
  let plan: GraphPlan
  let pool: BufferPool
  private let weightPool: BufferPool
  /// nil where the pool is the caller's.
  private let lifetime: PoolLifetime?
  private let preparation: KernelPreparation?

  /// Resolves a kernel for every node, and computes what is constant.
  ///
  /// - Throws: `unsupportedOperator` where no kernel computes a node; what reading an initializer
  ///   throws.
  public init(_ model: Model, options: SessionOptions = .init()) throws(SurgeonError) {
    let pool = BufferPool()
    try self.init(model, options, .standard, pool, PoolLifetime(pool))
  }

  /// The same with operators of the caller's choice.
  public init(
    _ model: Model, options: SessionOptions = .init(), registry: KernelRegistry
  ) throws(SurgeonError) {
    let pool = BufferPool()
    try self.init(model, options, registry, pool, PoolLifetime(pool))
  }

  /// The same with memory that sessions share which run one after the other.
  ///
  /// - Parameter pool: where values take their memory from.
  public init(
    _ model: Model, options: SessionOptions, pool: BufferPool
  ) throws(SurgeonError) {
    try self.init(model, options, .standard, pool, nil)
  }

  private init(
    _ model: Model, _ options: SessionOptions, _ registry: KernelRegistry, _ pool: BufferPool,
    _ lifetime: PoolLifetime?
  ) throws(SurgeonError) {
    self.options = options
    self.pool = pool
    weightPool = PackedWeights.lasting
    self.lifetime = lifetime
    let model = try GradientExpansion.expand(model)
    let context = ExecutionContext(options: options, pool: pool, weightPool: weightPool)
    var builder = PlanBuilder(model: model, registry: registry, context: context)
    if options.optimize {
      builder.types = try ShapeInference.infer(model, dimensions: options.dimensions)
    }
    plan = try builder.plan(model.mainGraph)
    plan.discardConstantPages()
    preparation = KernelPreparation(model, plan, types: builder.types, options)
  }

  /// A session for a part of the main graph.
  ///
  /// - Parameters:
  ///   - types: of the whole model; needed where `options` ask for optimisation.
  ///   - observed: values that runs will report: no step may swallow them.
  ///   - consumable: inputs that runs may write over after their last use, where they come in memory that
  ///     nobody else knows of.
  ///   - pool: where values and rearranged weights take their memory from; sessions that run one after
  ///     the other and hand values on share one.
  ///   - isPrepared: makes kernels ready before the first run, several at a time, as a session for a whole
  ///     model does; for a part that is most of one.
  public init(
    _ part: GraphPart, of model: Model, types: TypeTable, observing observed: Set<Value.ID> = [],
    consuming consumable: Set<Value.ID> = [], options: SessionOptions, pool: BufferPool,
    isPrepared: Bool = false
  ) throws(SurgeonError) {
    self.options = options
    self.pool = pool
    // Those of the session before leave pages that are there already.
    weightPool = isPrepared ? PackedWeights.lasting : pool
    lifetime = nil
    let context = ExecutionContext(options: options, pool: pool, weightPool: weightPool)
    var builder = PlanBuilder(model: model, registry: .standard, context: context)
    if options.optimize { builder.types = types }
    builder.part = part
    builder.observed = observed
    builder.consumable = consumable
    plan = try builder.plan(model.mainGraph)
    preparation = isPrepared ? KernelPreparation(model, plan, types: types, options) : nil
  }

  /// What `run` takes, in the model's order.
  public var inputs: [Input] {
    plan.inputs.map { Input(name: $0.name, type: $0.type, isOptional: $0.defaultValue != nil) }
  }

  /// What `run` returns, in the model's order.
  public var outputNames: [String] { plan.outputs.map(\.name) }

  /// The outputs for the given inputs, in the model's order.
  ///
  /// In double precision the outputs that the model declares as Float32 (or a 16-bit type) are
  /// Float64.
  ///
  /// - Throws: `invalidData` for inputs that do not fit; `invalidNode` with the node's place where
  ///   types or shapes do not fit an operator.
  public func run(
    _ inputs: [String: Datum]
  ) throws(SurgeonError) -> [(name: String, value: Datum)] {
    try run(inputs, observer: nil)
  }

  /// The same, reporting values of the main graph when they are computed: graph inputs and
  /// constants first, then the outputs of each node in order. A value is freed after its last use
  /// unless `observe` keeps it.
  ///
  /// - Parameters:
  ///   - values: the values to report; nil for all.
  ///   - observe: called with each; an error that it throws ends the run.
  public func run(
    _ inputs: [String: Datum], observing values: Set<Value.ID>? = nil,
    _ observe: (Observation) throws(SurgeonError) -> Void
  ) throws(SurgeonError) -> [(name: String, value: Datum)] {
    try withoutActuallyEscaping(observe) { observe throws(SurgeonError) in
      try run(inputs, observer: RunObserver(observed: values, observe: observe))
    }
  }

  /// The same with every value in the layout that the engine has it in, which saves copies: what
  /// comes out may go into another session of the same options.
  public func run(
    layouts inputs: [String: RuntimeValue], observing values: Set<Value.ID>,
    _ observe: (Value.ID, RuntimeValue) throws(SurgeonError) -> Void
  ) throws(SurgeonError) -> [(name: String, value: RuntimeValue)] {
    try withoutActuallyEscaping(observe) { observe throws(SurgeonError) in
      let results = try run(
        inputs, as: { $0 }, observer: RunObserver(observed: values, observeLayout: observe))
      return zip(plan.outputs, results).map { (name: $0.name, value: $1) }
    }
  }

  /// The same, reporting how long each node of the main graph took.
  public func run(
    _ inputs: [String: Datum], timing time: (NodeTiming) -> Void
  ) throws(SurgeonError) -> [(name: String, value: Datum)] {
    try withoutActuallyEscaping(time) { time throws(SurgeonError) in
      try run(inputs, observer: RunObserver(time: time))
    }
  }

  private func run(
    _ inputs: [String: Datum], observer: RunObserver?
  ) throws(SurgeonError) -> [(name: String, value: Datum)] {
    let results = try run(inputs, as: { .datum($0) }, observer: observer)
    var outputs: [(name: String, value: Datum)] = []
    outputs.reserveCapacity(results.count)
    for (output, value) in zip(plan.outputs, results) {
      outputs.append((output.name, try value.plain()))
    }
    return outputs
  }

  /// The outputs in the model's order.
  private func run<Given>(
    _ inputs: [String: Given], as value: (Given) -> RuntimeValue, observer: RunObserver?
  ) throws(SurgeonError) -> [RuntimeValue] {
    let (frame, context) = try begun(inputs, as: value)
    return try plan.run(frame, context, observer: observer)
  }

  /// A run that has its inputs and its kernels, and has computed nothing.
  func begun<Given>(
    _ inputs: [String: Given], as value: (Given) -> RuntimeValue
  ) throws(SurgeonError) -> (Frame, ExecutionContext) {
    let frame = Frame(plan)
    try InputBinding(plan: plan, options: options).bind(inputs, in: frame, as: value)
    let context = makeContext()
    preparation?.prepare(plan, frame, context)
    return (frame, context)
  }

  /// For one run.
  func makeContext() -> ExecutionContext {
    ExecutionContext(options: options, pool: pool, weightPool: weightPool)
  }
}

/// Closes a session's pool with the last copy of the session: a result that somebody keeps would
/// otherwise keep everything that waits in the pool.
private final class PoolLifetime: Sendable {
  private let pool: BufferPool

  init(_ pool: BufferPool) { self.pool = pool }

  deinit { pool.close() }
}
