public import SurgeonData
public import SurgeonIR
public import SurgeonRules
public import SurgeonRuntime

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
    of pairs: [(before: Value.ID, after: Value.ID)], between before: Model, and after: Model
  ) throws(SurgeonError) -> [Double?] {
    let samples = try source(before)
    let first = try Session(before, options: options)
    let second = try Session(after, options: options)
    var sums = pairs.map { _ in (difference: 0.0, power: 0.0) }
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
          guard let a = seen[pair.before], let b = observation.datum.tensor, a.shape == b.shape,
            a.elementType.isFloatingPoint, let x = try a.float64Elements(),
            let y = try b.float64Elements()
          else { continue }
          for (x, y) in zip(x, y) {
            sums[slot].difference += (x - y) * (x - y)
            sums[slot].power += x * x
          }
        }
      }
    }
    return sums.map { $0.power > 0 ? ($0.difference / $0.power).squareRoot() : nil }
  }

  /// The moments of each of the N samples of a value [N, C, D1, ..., Dk].
  private static func moments(of tensor: Tensor) throws(SurgeonError) -> [Moments] {
    let shape = tensor.shape.count < 2 ? [1, tensor.shape.first ?? 1] : tensor.shape
    func measure(_ sample: Tensor) throws(SurgeonError) -> Moments {
      let measured = try ChannelMoments(of: .datum(.tensor(sample)))
      return Moments(count: measured.count, mean: measured.mean, m2: measured.m2)
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
