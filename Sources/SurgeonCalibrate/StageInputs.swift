internal import SurgeonData
internal import SurgeonIR
internal import SurgeonRuntime

/// The samples that stages are run on, in batches.
struct StageInputs {
  private let model: Model
  private let samples: any SampleSource
  /// The names of the inputs that the stages were planned for.
  private let fed: Set<String>
  /// Samples before this one have been looked at.
  private var firstUnchecked = 0

  /// - Parameter network: with a plan for what samples may give; a default stands in where one gives
  ///   nothing.
  init(_ samples: any SampleSource, for network: StagedNetwork) {
    model = network.model
    self.samples = samples
    fed = Set(network.plan.fed.map { network.model[$0].name })
  }

  /// Samples that a round may have in memory, where it has more than the fewest batches.
  private static let roundBytes = 16 << 20

  /// The batches of the next round: those before a sample that cannot be used where there are some,
  /// so that what they have to say comes first.
  ///
  /// - Parameter indices: in ascending order, and in this order at every stage.
  /// - Throws: what reading a sample throws; `invalidData` where one gives more than the first one
  ///   does.
  mutating func batches(
    for stage: CalibrationStage, _ division: Workload.Division, of indices: some Collection<Int>
  ) throws(SurgeonError) -> [StageBatch] {
    let inputs = stage.part.inputs
    let kept = inputs.filter { !model[$0].isGraphInput }.map {
      (name: model[$0].name, isLast: stage.lastUses.contains($0))
    }
    let fed = inputs.filter { model[$0].isGraphInput }.map { model[$0].name }
    let round = Array(indices.prefix(division.width * division.batchesPerRound.upperBound))
    var bytesHeld = 0
    var batches: [StageBatch] = []
    for start in stride(from: 0, to: round.count, by: division.width)
    where batches.count < division.batchesPerRound.lowerBound || bytesHeld < Self.roundBytes {
      var batch = StageBatch(samples: Array(round[start...].prefix(division.width)), kept: kept)
      if !fed.isEmpty {
        do throws(SurgeonError) {
          for index in batch.samples {
            let sample = try samples.sample(index)
            bytesHeld += sample.tensorBytes
            if index >= firstUnchecked {
              try requireFed(sample, index)
              batch.unchecked.append(
                .init(index: index, inputs: sample, file: samples.place(of: index)))
            }
            batch.given.append(sample.filter { fed.contains($0.key) })
          }
        } catch {
          guard batches.isEmpty else { return batches }
          throw error
        }
        firstUnchecked = max(firstUnchecked, batch.samples.last.map { $0 + 1 } ?? 0)
      }
      batches.append(batch)
    }
    return batches
  }

  private func requireFed(_ sample: [String: Datum], _ index: Int) throws(SurgeonError) {
    for name in sample.keys.sorted() where !fed.contains(name) {
      throw SurgeonError(
        .invalidData, "sample \(index) holds data for input '\(name)', and sample 0 does not",
        hint: "give it with every sample, or with none: the model has a default for it")
    }
  }
}

/// Samples that are to run as one where they can be put into one.
struct StageBatch {
  /// A sample that nobody has looked at yet.
  struct Unchecked {
    var index: Int
    /// All that it gives, also what other stages read.
    var inputs: [String: Datum]
    /// Where the data are many files.
    var file: String?
  }

  let samples: [Int]
  /// The names of what stages before kept of them, and whether nobody asks for it again.
  let kept: [(name: String, isLast: Bool)]
  /// What each of them gives to the stage itself.
  var given: [[String: Datum]] = []
  var unchecked: [Unchecked] = []

  /// Looks at what was read for the first time. It is then in the caches of the core that runs it.
  ///
  /// - Throws: `invalidData` where a sample is not finite.
  func requireFinite() throws(SurgeonError) {
    for sample in unchecked {
      for (name, datum) in sample.inputs.sorted(by: { $0.key < $1.key }) {
        guard let tensor = datum.tensor, try !tensor.isFinite() else { continue }
        throw SurgeonError(
          .invalidData, "sample \(sample.index) holds NaN or infinity",
          at: (sample.file.map { [$0] } ?? []) + ["input '\(name)'"],
          hint: "take it out of the data, or repair it")
      }
    }
  }

  /// The types of what one of them gives to the stage; nil for what is no tensor.
  func types(of position: Int) -> [String: ValueType?] {
    given.isEmpty ? [:] : given[position].mapValues(\.tensorType)
  }

  /// What runs take, all samples as one or one by one.
  ///
  /// - Throws: what reading from the store throws.
  func values(
    from store: FrontierStore?, for session: Session
  ) throws(SurgeonError) -> [(samples: [Int], values: [String: RuntimeValue])] {
    if let values = try values(0..<samples.count, store, session) { return [(samples, values)] }
    var result: [(samples: [Int], values: [String: RuntimeValue])] = []
    for position in samples.indices {
      guard let values = try values(position..<position + 1, store, session) else {
        throw SurgeonError(.broken, "what was kept of sample \(samples[position]) cannot be read")
      }
      result.append(([samples[position]], values))
    }
    return result
  }

  /// Nil where these samples cannot be put into one.
  private func values(
    _ range: Range<Int>, _ store: FrontierStore?, _ session: Session
  ) throws(SurgeonError) -> [String: RuntimeValue]? {
    var result: [String: RuntimeValue] = [:]
    for (name, isLast) in kept {
      let samples = samples[range.lowerBound]..<samples[range.upperBound - 1] + 1
      guard let value = try store?.get(name, samples, for: session, isLast: isLast) else {
        return nil
      }
      result[name] = value
    }
    guard !given.isEmpty else { return result }
    var lists: [String: [RuntimeValue]] = [:]
    for sample in given[range] {
      for (name, datum) in sample { lists[name, default: []].append(.datum(datum)) }
    }
    for (name, list) in lists {
      if range.count == 1 {
        result[name] = list[0]
      } else {
        guard list.count == range.count, let value = try session.stack(list) else { return nil }
        result[name] = value
      }
    }
    return result
  }
}

extension Datum {
  /// The type of a tensor; nil for another datum.
  var tensorType: ValueType? {
    tensor.map { ValueType.tensor($0.elementType, Shape($0.shape)) }
  }
}

extension [String: Datum] {
  /// The bytes of a sample's tensors.
  var tensorBytes: Int { values.reduce(0) { $0 + ($1.tensor?.byteCount ?? 0) } }
}
