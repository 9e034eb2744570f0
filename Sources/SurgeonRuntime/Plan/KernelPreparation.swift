internal import SurgeonIR
internal import SurgeonShapes
internal import SurgeonThreads
internal import Synchronization

/// Prepares a session's kernels ahead of its first run, several at a time.
///
/// A kernel prepares itself when it first runs, one after the other. What it prepares follows from
/// shapes, and these from the shapes of the inputs, so that all of it can be done at once: rearranging
/// weights is most of what comes before the first result. Where they are not kept, compiling is left.
final class KernelPreparation: Sendable {
  /// What shapes are inferred from, and what is known of them already; gone after the first run.
  private let source: Mutex<(model: Model, types: TypeTable?)?>
  private let steps: [GraphPlan.Step]
  /// Weights are in memory twice while they are rearranged: no more are in work at a time than make
  /// up half of all, by the largest, so that a machine of many threads needs no more memory.
  private let threads: Int
  /// Of fewer bytes of weights inferring shapes takes longer than preparing.
  private static let worthwhile = 1 << 20

  /// Nil where there is too little to prepare, or one thread to do it.
  ///
  /// - Parameter types: of the model's values; the shapes of inputs may be known better.
  init?(_ model: Model, _ plan: GraphPlan, types: TypeTable?, _ options: SessionOptions) {
    let threads = options.threads > 0 ? options.threads : ThreadPool.processorCount
    guard threads > 1, options.engine == .fast, options.precision == .single else { return nil }
    var sized: [(step: GraphPlan.Step, bytes: Int)] = []
    for step in plan.steps {
      let bytes = step.kernel.weightBytes
      if bytes > 0 { sized.append((step, bytes)) }
    }
    // The largest first: what is begun last is soon done.
    sized.sort { $0.bytes > $1.bytes }
    let total = sized.reduce(0) { $0 + $1.bytes }
    guard sized.count > 1, total >= Self.worthwhile else { return nil }
    self.threads = min(threads, max(2, total / 2 / sized[0].bytes))
    steps = sized.map(\.step)
    source = Mutex((model, types))
  }

  /// - Parameter frame: holds the inputs of the first run.
  func prepare(_ plan: GraphPlan, _ frame: Frame, _ context: ExecutionContext) {
    guard let (model, declared) = source.withLock({ $0.take() }) else { return }
    PreparationMeter.ahead.measure {
      var given: [String: ValueType] = [:]
      for input in plan.inputs {
        guard let value = frame.values[input.slot], let type = value.elementType,
          let shape = value.shape
        else { continue }
        given[input.name] = .tensor(type, Shape(shape))
      }
      let areDeclared = plan.inputs.allSatisfy { input in
        given[input.name] == declared?[plan.values[input.slot]]
      }
      var types = areDeclared ? declared : nil
      if types == nil {
        types = try? ShapeInference.infer(
          model, inputs: given, dimensions: context.options.dimensions)
      }
      // Inputs that do not fit the model are for the run to report.
      guard let types else { return }
      let calls = steps.map { step in
        KernelCall(
          step.description,
          inputs: step.inputs.map { slot in
            slot.flatMap { Self.value(in: $0, plan, frame, types) }
          }, context: context, frame: nil, consumes: [])
      }
      ThreadPool.shared.run(count: calls.count, threads: threads) { index in
        steps[index].kernel.prepare(calls[index])
      }
    }
  }

  private static func value(
    in slot: Int, _ plan: GraphPlan, _ frame: Frame, _ types: TypeTable
  ) -> RuntimeValue? {
    if let value = frame.values[slot] { return value }
    guard case .tensor(let type, let shape?)? = types[plan.values[slot]]?.kind else { return nil }
    let sizes = shape.dimensions.compactMap { dimension -> Int? in
      if case .known(let size) = dimension.size { size } else { nil }
    }
    guard sizes.count == shape.rank else { return nil }
    return .layout(ExpectedValue(elementType: type, shape: sizes))
  }
}
