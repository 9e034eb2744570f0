internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRuntime

/// What stages take of the samples: inputs of the graph, and what stages before kept.
struct StageInputs {
  /// What one run takes.
  struct Batch {
    var samples: [Int]
    var values: [String: RuntimeValue]
  }

  let model: Model
  let samples: any SampleSource
  /// The names of the inputs that the stages were planned for.
  private let fed: Set<String>
  /// Holds what was kept; nil where nothing is.
  var store: FrontierStore?
  /// Samples before this one have been looked at.
  private var firstUnchecked = 0

  /// - Parameter fed: what samples may give; a default stands in where one gives nothing.
  init(
    _ samples: any SampleSource, for model: Model, feeding fed: Set<Value.ID>,
    store: FrontierStore? = nil
  ) {
    self.model = model
    self.samples = samples
    self.fed = Set(fed.map { model[$0].name })
    self.store = store
  }

  /// The first of `indices` as one, as many as can be put into one and `width` at most.
  ///
  /// - Parameter indices: in ascending order, and in this order at every stage.
  /// - Throws: what reading a sample throws; `invalidData` where one is not finite, or gives more
  ///   than the first one does.
  mutating func take(
    _ width: Int, of indices: some Collection<Int>, for stage: CalibrationStage, _ session: Session
  ) throws(SurgeonError) -> Batch {
    let several = Array(indices.prefix(width))
    if let values = try values(several, stage, session) {
      return Batch(samples: several, values: values)
    }
    let one = Array(indices.prefix(1))
    guard let values = try values(one, stage, session) else {
      throw SurgeonError(.broken, "what was kept of sample \(one[0]) cannot be read")
    }
    return Batch(samples: one, values: values)
  }

  /// Nil where these samples cannot be put into one.
  private mutating func values(
    _ indices: [Int], _ stage: CalibrationStage, _ session: Session
  ) throws(SurgeonError) -> [String: RuntimeValue]? {
    var result: [String: RuntimeValue] = [:]
    for input in stage.part.inputs where !model[input].isGraphInput {
      let name = model[input].name
      guard let first = indices.first, let last = indices.last,
        let value = try store?.get(name, first..<last + 1, for: session)
      else { return nil }
      result[name] = value
    }
    let fed = stage.part.inputs.filter { model[$0].isGraphInput }.map { model[$0].name }
    guard !fed.isEmpty else { return result }
    var given: [String: [RuntimeValue]] = [:]
    for index in indices {
      let sample = try checkedSample(index)
      for name in fed {
        if let datum = sample[name] { given[name, default: []].append(.datum(datum)) }
      }
    }
    for (name, list) in given {
      if indices.count == 1 {
        result[name] = list[0]
      } else {
        guard list.count == indices.count, let value = try session.stack(list) else { return nil }
        result[name] = value
      }
    }
    return result
  }

  private mutating func checkedSample(_ index: Int) throws(SurgeonError) -> [String: Datum] {
    let sample = try samples.sample(index)
    guard index >= firstUnchecked else { return sample }
    for (name, datum) in sample.sorted(by: { $0.key < $1.key }) {
      guard fed.contains(name) else {
        throw SurgeonError(
          .invalidData, "sample \(index) holds data for input '\(name)', and sample 0 does not",
          hint: "give it with every sample, or with none: the model has a default for it")
      }
      guard let tensor = datum.tensor, try !tensor.isFinite() else { continue }
      throw SurgeonError(
        .invalidData, "sample \(index) holds NaN or infinity",
        at: (samples.place(of: index).map { [$0] } ?? []) + ["input '\(name)'"],
        hint: "take it out of the data, or repair it")
    }
    firstUnchecked = index + 1
    return sample
  }
}
