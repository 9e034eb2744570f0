internal import SurgeonIR
internal import SurgeonThreads

/// BatchNormalization of every version, with the statistics of the node or of the batch.
///
/// Ioffe and Szegedy 2015: y = scale (x - mean) / sqrt(var + epsilon) + bias per channel.
enum BatchNormalization: RealOperator {
  @Sendable static func run(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let results = try real(BatchNormalization.self, narrowing: [0])(call)
    // The statistics are of the type of the given ones, which may differ from the data's.
    var typed: [Datum?] = []
    for (slot, result) in results.enumerated() {
      guard slot > 0, case .tensor(let tensor)? = result else {
        typed.append(result)
        continue
      }
      let type = try call.tensor(slot % 2 == 1 ? 3 : 4).elementType
      typed.append(.tensor(try Casting.convert(tensor, to: type, call)))
    }
    return typed
  }

  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    // A rank-1 input has one channel (version 9).
    let channels = x.shape.count >= 2 ? x.shape[1] : 1
    let batch = x.shape.first ?? 1
    let plane = x.shape.dropFirst(2).reduce(1, *)
    // spatial = 0: a parameter for each element of a sample, and statistics over the batch alone.
    let isSpatial = call.node.opset >= 9 || call.node.flag("spatial", default: true)
    let groups = isSpatial ? channels : channels * plane
    let length = isSpatial ? plane : 1
    var parameters: [[Double]] = []
    for slot in 1...4 {
      let numbers = try call.tensor(slot).doubles()
      guard numbers.count == groups else {
        throw call.failure("input \(slot) has \(numbers.count) numbers, not \(groups)")
      }
      parameters.append(numbers)
    }
    let epsilon = call.node.float("epsilon", default: 1e-5)
    let isTraining = isTraining(call.node)
    let statistics =
      isTraining
      ? batchStatistics(x, batch, groups, length)
      : (mean: parameters[2], variance: parameters[3])
    let y = try call.output(over: 0, x, as: T.elementType)
    let (scale, bias) = (parameters[0], parameters[1])
    // Several small groups at a time: a thread takes as long to take the next one as for fifty elements.
    let several = max(1, (1 << 12) / max(1, batch * length))
    ThreadPool.shared.run(
      count: (groups + several - 1) / several, threads: call.threads, nanoseconds: x.count
    ) { task in
      for group in task * several..<min(groups, (task + 1) * several) {
        let mean = T(statistics.mean[group])
        let slope = T(scale[group] / (statistics.variance[group] + epsilon).squareRoot())
        let offset = T(bias[group])
        for sample in 0..<batch {
          let start = (sample * groups + group) * length
          y.map(start..<(start + length), of: x) { ($0 - mean) * slope + offset }
        }
      }
    }
    guard isTraining else { return [y.datum] }
    return try [y.datum] + runningStatistics(call, statistics, parameters[2], parameters[3])
  }

  /// What decides changed with the versions: `is_test`, the number of outputs, `training_mode`.
  static func isTraining(_ node: NodeDescription) -> Bool {
    switch node.opset {
    case ..<7: !node.flag("is_test")
    case ..<14: node.outputNames.dropFirst().contains { !$0.isEmpty }
    default: node.flag("training_mode")
    }
  }

  /// Mean and population variance of each group, in two passes.
  private static func batchStatistics<T: Real>(
    _ x: View<T>, _ batch: Int, _ groups: Int, _ length: Int
  ) -> (mean: [Double], variance: [Double]) {
    let count = Double(batch * length)
    var means: [Double] = []
    var variances: [Double] = []
    for group in 0..<groups {
      var total = 0.0
      for sample in 0..<batch {
        let start = (sample * groups + group) * length
        for index in start..<(start + length) { total += x.base[index].double }
      }
      let mean = total / count
      var squares = 0.0
      for sample in 0..<batch {
        let start = (sample * groups + group) * length
        for index in start..<(start + length) {
          let distance = x.base[index].double - mean
          squares += distance * distance
        }
      }
      means.append(mean)
      variances.append(squares / count)
    }
    return (means, variances)
  }

  /// Outputs 2 and 3 (and 4 and 5 before version 14): new = old momentum + batch (1 - momentum).
  static func runningStatistics(
    _ call: KernelCall, _ batch: (mean: [Double], variance: [Double]), _ mean: [Double],
    _ variance: [Double]
  ) throws(SurgeonError) -> [Datum?] {
    let momentum = call.node.float("momentum", default: 0.9)
    let types = (try call.tensor(3).elementType, try call.tensor(4).elementType)
    let shapes = (try call.tensor(3).shape, try call.tensor(4).shape)
    func blend(_ old: [Double], _ new: [Double]) -> [Double] {
      Swift.zip(old, new).map { $0 * momentum + $1 * (1 - momentum) }
    }
    var results: [Datum?] = [
      .tensor(try .converting(blend(mean, batch.mean), to: types.0, shape: shapes.0)),
      .tensor(try .converting(blend(variance, batch.variance), to: types.1, shape: shapes.1)),
    ]
    if call.node.opset < 14 {
      results += [
        .tensor(try .converting(batch.mean, to: types.0, shape: shapes.0)),
        .tensor(try .converting(batch.variance, to: types.1, shape: shapes.1)),
      ]
    }
    return results
  }
}
