public import SurgeonIR

/// A run that its caller advances node by node: two models can so be run side by side, each value
/// compared with its counterpart and freed.
public struct SteppedRun {
  private let plan: GraphPlan
  private let frame: Frame
  private let context: ExecutionContext
  private var position = 0
  private var hasReportedInputs = false

  init(plan: GraphPlan, frame: Frame, context: ExecutionContext) {
    self.plan = plan
    self.frame = frame
    self.context = context
  }

  /// Computes the next node and reports its outputs; the first call reports graph inputs and
  /// constants.
  ///
  /// - Parameters:
  ///   - values: the values to report, those of bodies and functions too, which are reported as often
  ///     as they are computed; nil for all of the main graph.
  ///   - observe: called with each; it may keep what it is given.
  /// - Returns: false where nothing was left to compute.
  public mutating func advance(
    observing values: Set<Value.ID>? = nil,
    _ observe: (Observation) throws(SurgeonError) -> Void
  ) throws(SurgeonError) -> Bool {
    let (plan, frame, context) = (plan, frame, context)
    let step = hasReportedInputs ? position : nil
    guard step.map({ $0 < plan.steps.count }) ?? true else { return false }
    try withoutActuallyEscaping(observe) { observe throws(SurgeonError) in
      let observer = RunObserver(observed: values, observe: observe)
      frame.bodyObserver = values == nil ? nil : observer
      defer { frame.bodyObserver = nil }
      if let step {
        try plan.execute(plan.steps[step], frame, context, observer: observer)
      } else {
        try plan.reportGiven(frame, to: observer)
      }
    }
    if hasReportedInputs { position += 1 }
    hasReportedInputs = true
    return true
  }
}

extension Session {
  /// Starts a run that the caller advances node by node.
  ///
  /// - Throws: `invalidData` for inputs that do not fit.
  public func start(_ inputs: [String: Datum]) throws(SurgeonError) -> SteppedRun {
    let frame = Frame(plan)
    try InputBinding(plan: plan, options: options).bind(inputs, in: frame, as: { .datum($0) })
    return SteppedRun(plan: plan, frame: frame, context: makeContext())
  }
}
