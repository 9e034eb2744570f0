public import SurgeonIR

/// A run that stops in front of nodes whose statistics are not known yet (`GraphPart.awaited`): these may
/// follow from what other runs compute up to there.
public struct AwaitingRun {
  private let plan: GraphPlan
  private let frame: Frame
  private let context: ExecutionContext
  private var position = 0
  private var hasReportedInputs = false

  fileprivate init(plan: GraphPlan, frame: Frame, context: ExecutionContext) {
    self.plan = plan
    self.frame = frame
    self.context = context
  }

  /// Computes nodes up to the first that awaits what it has not been given, or to the end.
  ///
  /// - Parameters:
  ///   - values: the values to report. Graph inputs and constants come with the first call.
  ///   - observe: called with each, in the layout that the engine has it in; an error that it throws ends
  ///     the run.
  /// - Throws: what computing throws.
  public mutating func advance(
    observing values: Set<Value.ID>,
    _ observe: (Value.ID, RuntimeValue) throws(SurgeonError) -> Void
  ) throws(SurgeonError) {
    var (next, isBegun) = (position, hasReportedInputs)
    defer { (position, hasReportedInputs) = (next, isBegun) }
    let (plan, frame, context) = (plan, frame, context)
    try withoutActuallyEscaping(observe) { observe throws(SurgeonError) in
      let observer = RunObserver(observed: values, observeLayout: observe)
      if !isBegun {
        try plan.reportGiven(frame, to: observer)
        isBegun = true
      }
      while next < plan.steps.count, !isWaiting(at: next) {
        try plan.execute(plan.steps[next], frame, context, observer: observer)
        next += 1
      }
    }
  }

  private func isWaiting(at position: Int) -> Bool {
    plan.steps[position].inputs.contains { slot in
      slot.map { plan.isAwaited($0) && frame.values[$0] == nil } ?? false
    }
  }

  /// Gives a node what it awaits; what no node awaits is left alone.
  public func give(_ line: NormalizationLine, to normalization: Node.ID) {
    guard let slots = plan.awaited[normalization] else { return }
    frame.values[slots.factors] = .tensor(line.factors)
    frame.values[slots.summands] = .tensor(line.summands)
  }
}

extension Session {
  /// Starts a run of a part that awaits something.
  ///
  /// - Parameter inputs: as for `run(layouts:observing:_:)`.
  /// - Throws: `invalidData` for inputs that do not fit.
  public func begin(_ inputs: [String: RuntimeValue]) throws(SurgeonError) -> AwaitingRun {
    let (frame, context) = try begun(inputs, as: { $0 })
    return AwaitingRun(plan: plan, frame: frame, context: context)
  }
}
