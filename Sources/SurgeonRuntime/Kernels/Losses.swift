internal import SurgeonIR

/// NegativeLogLikelihoodLoss: minus the log-probability of the target class.
enum NegativeLogLikelihoodLoss: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    return [try ClassLoss(call, x.shape).reduce(x.base, call)]
  }
}

/// SoftmaxCrossEntropyLoss: the same of the log-softmax of the scores, which is output 1.
enum SoftmaxCrossEntropyLoss: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let loss = try ClassLoss<T>(call, x.shape)
    let logarithms = try call.output(x.shape, of: T.self)
    for n in 0..<loss.batch {
      for d in 0..<loss.places {
        let start = n * loss.classes * loss.places + d
        var (largest, sum) = (-T.infinity, T.zero)
        for c in 0..<loss.classes { largest = max(largest, x[start + c * loss.places]) }
        for c in 0..<loss.classes { sum += T.exp(x[start + c * loss.places] - largest) }
        let shift = largest + T.log(sum)
        for c in 0..<loss.classes {
          logarithms[start + c * loss.places] = x[start + c * loss.places] - shift
        }
      }
    }
    return [try loss.reduce(UnsafePointer(logarithms.base), call), logarithms.datum]
  }
}

/// Targets [N, D1..], class weights and the way the losses become one.
private struct ClassLoss<T: Real> {
  let batch: Int
  let classes: Int
  /// D1 x D2 x ...
  let places: Int
  private let targets: [Int]
  private let targetShape: [Int]
  private let weights: View<T>?
  private let ignored: Int?

  init(_ call: KernelCall, _ shape: [Int]) throws(SurgeonError) {
    let target = try call.tensor(1)
    guard shape.count >= 2, target.shape == [shape[0]] + shape[2...],
      let numbers = try target.intElements()
    else { throw call.failure("targets \(target.shape) do not fit scores \(shape)") }
    (batch, classes, places) = (shape[0], shape[1], shape[2...].reduce(1, *))
    (targets, targetShape) = (numbers, target.shape)
    weights = try call.optionalTensor(2)?.view(as: T.self)
    ignored = call.node.int("ignore_index")
    let (classes, ignored) = (classes, ignored)
    guard weights.map({ $0.count == classes }) ?? true,
      numbers.allSatisfy({ $0 == ignored || (0..<classes).contains($0) })
    else { throw call.failure("a target or the weights do not fit \(classes) classes") }
  }

  /// - Parameter scores: [N, C, D1..] log-probabilities.
  func reduce(_ scores: UnsafePointer<T>, _ call: KernelCall) throws(SurgeonError) -> Datum {
    let losses = try call.output(targetShape, of: T.self)
    var (sum, total) = (T.zero, T.zero)
    for (index, target) in targets.enumerated() {
      guard target != ignored else {
        losses[index] = 0
        continue
      }
      let (n, d) = (index / max(places, 1), index % max(places, 1))
      let weight = weights?[target] ?? 1
      losses[index] = -scores[(n * classes + target) * places + d] * weight
      sum += losses[index]
      total += weight
    }
    switch call.node.string("reduction", default: "mean") {
    case "none": return losses.datum
    case "sum": return try scalar(sum, call)
    case "mean": return try scalar(sum / total, call)
    case let other: throw call.failure("there is no reduction '\(other)'")
    }
  }

  private func scalar(_ number: T, _ call: KernelCall) throws(SurgeonError) -> Datum {
    let result = try call.output([], of: T.self)
    result[0] = number
    return result.datum
  }
}
