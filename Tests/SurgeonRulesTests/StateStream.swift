internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRules
internal import SurgeonRuntime

/// Feeds batches to a rewritten model, state included.
struct StateStream {
  let model: Model
  let precision: SessionOptions.Precision
  private let session: Session
  private let pairs: [(state: String, next: String)]
  private var state: [String: Tensor] = [:]

  init(_ model: Model, precision: SessionOptions.Precision) throws {
    self.model = model
    self.precision = precision
    var options = SessionOptions()
    options.precision = precision
    options.engine = .reference
    options.threads = 1
    session = try Session(model, options: options)
    pairs = StatePairs.find(in: model).map { (model[$0.state].name, model[$0.next].name) }
  }

  /// Y, and the state by name after the batch.
  mutating func feed(_ x: Tensor) throws -> (y: [Double], state: [String: [Double]]) {
    var inputs = state.mapValues { Datum.tensor($0) }
    inputs["x"] = .tensor(x)
    let outputs = Dictionary(
      uniqueKeysWithValues: try session.run(inputs).map { ($0.name, $0.value.tensor) })
    var numbers: [String: [Double]] = [:]
    for pair in pairs {
      state[pair.state] = outputs[pair.next] ?? nil
      numbers[pair.state] = try state[pair.state]?.float64Elements()
    }
    return (try (outputs["y"] ?? nil)?.float64Elements() ?? [], numbers)
  }
}
