public import SurgeonData
public import SurgeonIR
public import SurgeonRules
public import SurgeonRuntime
internal import SurgeonShapes

/// Runs models on sample data for a surgery.
public struct SampleRuns: SampleObserver {
  public var options: SessionOptions
  private let source: (Model) throws(SurgeonError) -> any SampleSource

  /// - Parameter source: the samples for a model.
  public init(
    options: SessionOptions, source: @escaping (Model) throws(SurgeonError) -> any SampleSource
  ) {
    self.options = options
    self.source = source
  }

  public func moments(
    of values: Set<Value.ID>, in model: Model,
    _ seen: (Value.ID, [Moments]) throws(SurgeonError) -> Void
  ) throws(SurgeonError) {
    let samples = try source(model)
    let session = try Session(model, options: options)
    for index in 0..<samples.count {
      _ = try session.run(try samples.sample(index), observing: values) {
        (observation) throws(SurgeonError) in
        guard let tensor = observation.datum.tensor, tensor.elementType.isFloatingPoint,
          tensor.count > 0
        else { return }
        try seen(observation.value, try Self.moments(of: tensor))
      }
    }
  }

  public func differences(
    of outputs: [Value.ID], in model: Model, disturbing disturbances: [Value.ID: Disturbance]
  ) throws(SurgeonError) -> [Double?] {
    guard !outputs.isEmpty else { return [] }
    let part = GraphPart(from: Set(disturbances.keys), to: outputs, of: model)
    var untyped = model
    // What the file records of these values has no say: they come as they were computed.
    for value in part.inputs where disturbances[value] != nil { untyped.setType(nil, of: value) }
    let samples = try source(model)
    let whole = try Session(model, options: options)
    let rest = try Session(
      part, of: untyped, types: try ShapeInference.infer(untyped), options: options,
      pool: BufferPool())
    var generator = RandomGenerator(seed: options.seed)
    var positions: [Value.ID: Int] = [:]
    var sums = outputs.map { _ in RelativeDifference() }
    let known = disturbances.values.map(\.changes.count).max() ?? 0
    let draws = max(1, Self.leastDraws / max(known, 1))
    for index in 0..<samples.count {
      let sample = try samples.sample(index)
      var seen: [Value.ID: Tensor] = [:]
      _ = try whole.run(sample, observing: Set(part.inputs + outputs)) {
        seen[$0.value] = $0.datum.tensor
      }
      for _ in 0..<draws {
        var given: [String: Datum] = [:]
        for value in part.inputs {
          let name = model[value].name
          if let disturbance = disturbances[value], let tensor = seen[value] {
            given[name] = try Self.apply(
              disturbance, to: tensor, from: positions[value, default: 0], &generator)
          } else {
            given[name] = sample[name]
          }
        }
        let results = try rest.run(given)
        for (slot, output) in outputs.enumerated() {
          guard let before = seen[output], let after = results[slot].value.tensor else { continue }
          try sums[slot].add(before, after)
        }
      }
      for value in part.inputs {
        positions[value, default: 0] += seen[value]?.shape.first ?? 0
      }
    }
    return sums.map(\.value)
  }

  /// How many samples a disturbance is drawn for at least: what single ones give scatters.
  private static let leastDraws = 8

  /// A value [N, C, D1, ..., Dk] with its N samples disturbed; as it is where the disturbance knows
  /// of other samples or channels.
  ///
  /// - Parameter position: which sample of the disturbance the first is.
  private static func apply(
    _ disturbance: Disturbance, to tensor: Tensor, from position: Int,
    _ generator: inout RandomGenerator
  ) throws(SurgeonError) -> Datum {
    guard tensor.shape.count >= 2, tensor.shape[1] == disturbance.deviations.count,
      position + tensor.shape[0] <= disturbance.changes.count,
      let numbers = try tensor.float64Elements()
    else { return .tensor(tensor) }
    let size = tensor.shape.dropFirst().reduce(1, *)
    var result: [Double] = []
    result.reserveCapacity(numbers.count)
    for sample in 0..<tensor.shape[0] {
      result += disturbance.applied(
        to: Array(numbers[sample * size..<(sample + 1) * size]), sample: position + sample
      ) { generator.nextNormal() }
    }
    return .tensor(Tensor(unrounded: result, as: tensor.elementType, shape: tensor.shape))
  }

  public func differences(
    of pairs: [(before: Value.ID, after: Value.ID)], between before: Model, and after: Model
  ) throws(SurgeonError) -> [Double?] {
    let samples = try source(before)
    let first = try Session(before, options: options)
    let second = try Session(after, options: options)
    var sums = pairs.map { _ in RelativeDifference() }
    for index in 0..<samples.count {
      let sample = try samples.sample(index)
      var seen: [Value.ID: Tensor] = [:]
      _ = try first.run(sample, observing: Set(pairs.map(\.before))) {
        seen[$0.value] = $0.datum.tensor
      }
      // Compared as they come: only the values of the first model wait.
      _ = try second.run(sample, observing: Set(pairs.map(\.after))) {
        (observation) throws(SurgeonError) in
        for (slot, pair) in pairs.enumerated() where pair.after == observation.value {
          guard let a = seen[pair.before], let b = observation.datum.tensor else { continue }
          try sums[slot].add(a, b)
        }
      }
    }
    return sums.map(\.value)
  }

  /// The moments of each of the N samples of a value [N, C, D1, ..., Dk].
  private static func moments(of tensor: Tensor) throws(SurgeonError) -> [Moments] {
    let shape = tensor.shape.count < 2 ? [1, tensor.shape.first ?? 1] : tensor.shape
    func measure(_ sample: Tensor) throws(SurgeonError) -> Moments {
      Moments(try ChannelMoments(of: .datum(.tensor(sample))))
    }
    if shape[0] == 1, tensor.shape == shape { return [try measure(tensor)] }
    guard let numbers = try tensor.float64Elements() else { return [] }
    let size = shape.dropFirst().reduce(1, *)
    var result: [Moments] = []
    for sample in 0..<shape[0] {
      let part = Array(numbers[sample * size..<(sample + 1) * size])
      result.append(try measure(Tensor(part, shape: [1] + shape.dropFirst())))
    }
    return result
  }
}

/// The root of a mean squared difference over that of the mean square.
private struct RelativeDifference {
  private var difference = 0.0
  private var power = 0.0

  /// Takes in floating-point tensors of one shape; others say nothing.
  mutating func add(_ before: Tensor, _ after: Tensor) throws(SurgeonError) {
    guard before.shape == after.shape, before.elementType.isFloatingPoint,
      let x = try before.float64Elements(), let y = try after.float64Elements()
    else { return }
    for (x, y) in zip(x, y) {
      difference += (x - y) * (x - y)
      power += x * x
    }
  }

  /// Nil where nothing but zeros was seen.
  var value: Double? { power > 0 ? (difference / power).squareRoot() : nil }
}
