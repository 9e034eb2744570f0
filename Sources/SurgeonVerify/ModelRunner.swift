public import SurgeonData
public import SurgeonIR
internal import SurgeonRules
public import SurgeonRuntime

/// Runs one model over samples: keeping every value, feeding state back, taking times.
public struct ModelRunner {
  /// The time that the nodes of one operator took together.
  public struct OperatorTime: Sendable {
    public var opType: String
    public var engine: String
    public var calls: Int
    public var duration: Duration
    /// Copies between the fast engine's arrangements of memory.
    public var reorders: Int
  }

  private let session: Session
  private let keepsAllValues: Bool
  /// Input names by the names of the outputs that feed them.
  private let feedback: [String: String]

  /// - Parameters:
  ///   - keepsAllValues: adds every intermediate value of the main graph to the outputs.
  ///   - repeatsState: feeds outputs `NAME.next` back into the inputs `NAME`.
  public init(session: Session, keepsAllValues: Bool = false, repeatsState: Bool = false) {
    self.session = session
    self.keepsAllValues = keepsAllValues
    var feedback: [String: String] = [:]
    if repeatsState {
      let inputs = Set(session.inputs.map(\.name))
      for output in session.outputNames where output.hasSuffix(StatePairs.suffix) {
        let input = String(output.dropLast(StatePairs.suffix.count))
        if inputs.contains(input) { feedback[output] = input }
      }
    }
    self.feedback = feedback
  }

  /// Whether the model has state that is fed back.
  public var hasState: Bool { !feedback.isEmpty }

  /// Runs every sample in order and hands over what each gave.
  ///
  /// - Returns: the state after the last sample by the names of its inputs, where state is repeated.
  /// - Throws: what the samples, the run and `receive` throw.
  @discardableResult
  public func run(
    _ samples: any SampleSource,
    receive: (Int, [(name: String, value: Datum)]) throws(SurgeonError) -> Void
  ) throws(SurgeonError) -> [String: Datum] {
    var state: [String: Datum] = [:]
    for index in 0..<samples.count {
      let inputs = try samples.sample(index).merging(state) { _, fed in fed }
      let outputs = try run(inputs)
      for (name, value) in outputs {
        if let input = feedback[name] { state[input] = value }
      }
      try receive(index, outputs)
    }
    return state
  }

  private func run(
    _ inputs: [String: Datum]
  ) throws(SurgeonError) -> [(name: String, value: Datum)] {
    guard keepsAllValues else { return try session.run(inputs) }
    var values: [(name: String, value: Datum)] = []
    var seen: Set<String> = []
    let outputs = try session.run(inputs, observing: nil) { (observation) throws(SurgeonError) in
      if seen.insert(observation.name).inserted {
        values.append((observation.name, observation.datum))
      }
    }
    return outputs + values.filter { value in !outputs.contains { $0.name == value.name } }
  }

  /// The wall time of one run.
  public func time(_ inputs: [String: Datum]) throws(SurgeonError) -> Duration {
    let start = ContinuousClock.now
    _ = try session.run(inputs)
    return ContinuousClock.now - start
  }

  /// The time of each operator in one run, the longest first.
  public func profile(_ inputs: [String: Datum]) throws(SurgeonError) -> [OperatorTime] {
    var times: [OperatorTime] = []
    var positions: [String: Int] = [:]
    _ = try session.run(
      inputs,
      timing: { timing in
        let key = "\(timing.opType) \(timing.engine)"
        let position = positions[key] ?? times.count
        if position == times.count {
          positions[key] = position
          times.append(
            OperatorTime(
              opType: timing.opType, engine: timing.engine, calls: 0, duration: .zero, reorders: 0))
        }
        times[position].calls += 1
        times[position].duration += timing.duration
        times[position].reorders += timing.reorders
      })
    return times.sorted { $0.duration > $1.duration }
  }
}
