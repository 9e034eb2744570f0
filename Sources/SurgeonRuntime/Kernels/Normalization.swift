internal import SurgeonIR
internal import SurgeonThreads

/// Mean and population variance of a row, in two passes.
private func moments<T: Real>(_ x: UnsafePointer<T>, _ count: Int) -> (
  mean: Double, variance: Double
) {
  var total = 0.0
  for index in 0..<count { total += x[index].double }
  let mean = total / Double(count)
  var squares = 0.0
  for index in 0..<count {
    let distance = x[index].double - mean
    squares += distance * distance
  }
  return (mean, squares / Double(count))
}

/// Each channel of each sample to mean 0 and variance 1, then scale and bias (Ulyanov et al. 2016).
enum InstanceNormalization: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard x.shape.count >= 2 else { throw call.failure("the input has no channels") }
    return [
      try normalizeGroups(call, x, groups: x.shape[1], scaleByGroup: false)
    ]
  }
}

/// The same over groups of channels (Wu and He 2018). Scale and bias are given per group in version
/// 18, per channel from 21 on.
enum GroupNormalization: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let groups = call.node.int("num_groups", default: 0)
    guard x.shape.count >= 2, Sizes.splits(x.shape[1], into: groups) else {
      throw call.failure("an input of shape \(x.shape) does not split into \(groups) groups")
    }
    return [
      try normalizeGroups(call, x, groups: groups, scaleByGroup: call.node.opset < 21)
    ]
  }
}

private func normalizeGroups<T: Real>(
  _ call: KernelCall, _ x: View<T>, groups: Int, scaleByGroup: Bool
) throws(SurgeonError) -> Datum {
  let channels = x.shape[1]
  let plane = x.shape[2...].reduce(1, *)
  let scale = try call.tensor(1).doubles()
  let bias = try call.tensor(2).doubles()
  let wanted = scaleByGroup ? groups : channels
  guard scale.count == wanted, bias.count == wanted else {
    throw call.failure("scale and bias do not have \(wanted) numbers")
  }
  let epsilon = call.node.float("epsilon", default: 1e-5)
  let perGroup = channels / max(groups, 1)
  let length = perGroup * plane
  let y = try call.output(x.shape, of: T.self)
  let parts = x.shape[0] * groups
  ThreadPool.shared.run(count: parts, threads: call.threads, nanoseconds: x.count) { part in
    let source = x.base + part * length
    let (mean, variance) = moments(source, length)
    let factor = 1 / (variance + epsilon).squareRoot()
    for channel in 0..<perGroup {
      let index = part % groups * (scaleByGroup ? 1 : perGroup) + (scaleByGroup ? 0 : channel)
      let slope = T(factor * scale[index])
      let (center, offset) = (T(mean), T(bias[index]))
      let start = channel * plane
      for element in start..<(start + plane) {
        y.base[part * length + element] = (source[element] - center) * slope + offset
      }
    }
  }
  return y.datum
}

/// Rows over the last axes to mean 0 and variance 1, then scale and bias (Ba et al. 2016).
enum LayerNormalization: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    try normalizeRows(call, as: T.self, subtractsMean: true)
  }
}

/// Rows over the last axes divided by their root mean square (Zhang and Sennrich 2019).
enum RMSNormalization: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    try normalizeRows(call, as: T.self, subtractsMean: false)
  }
}

private func normalizeRows<T: Real>(
  _ call: KernelCall, as type: T.Type, subtractsMean: Bool
) throws(SurgeonError) -> [Datum?] {
  let x = try call.tensor(0).view(as: T.self)
  let rank = x.shape.count
  let axis = try Sizes.axis(call.node.int("axis", default: -1), rank: rank)
  let rowShape = Array(x.shape[axis...])
  let length = rowShape.reduce(1, *)
  let rows = x.shape[..<axis].reduce(1, *)
  func parameter(_ slot: Int) throws(SurgeonError) -> View<T>? {
    guard let tensor = try call.optionalTensor(slot) else { return nil }
    let converted = try Casting.convert(tensor, to: T.elementType, call)
    // Usually one number for each element of a row; anything that stretches to the input will do.
    let fits = converted.shape.count <= rowShape.count
    return try call.broadcast(converted, to: fits ? rowShape : x.shape).view(as: T.self)
  }
  guard let scale = try parameter(1) else { throw call.failure("the scale is missing") }
  let bias = try parameter(2)
  let epsilon = call.node.float("epsilon", default: 1e-5)
  let y = try call.output(x.shape, of: T.self)
  let reduced = Array(x.shape[..<axis]) + Array(repeating: 1, count: rank - axis)
  let means = try call.output(reduced, of: T.self)
  let inverses = try call.output(reduced, of: T.self)
  ThreadPool.shared.run(count: rows, threads: call.threads, nanoseconds: x.count) { row in
    let source = x.base + row * length
    var (mean, variance) = (0.0, 0.0)
    if subtractsMean {
      (mean, variance) = moments(source, length)
    } else {
      for index in 0..<length { variance += source[index].double * source[index].double }
      variance /= Double(length)
    }
    let inverse = 1 / (variance + epsilon).squareRoot()
    means[row] = T(mean)
    inverses[row] = T(inverse)
    let scaleStart = scale.count == length ? 0 : row * length
    let biasStart = bias?.count == length ? 0 : row * length
    for index in 0..<length {
      let value = T((source[index].double - mean) * inverse) * scale.base[scaleStart + index]
      y.base[row * length + index] = bias.map { value + $0.base[biasStart + index] } ?? value
    }
  }
  return subtractsMean ? [y.datum, means.datum, inverses.datum] : [y.datum]
}

/// (x - mean) / sqrt(variance) over the given axes.
enum MeanVarianceNormalization: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let rank = tensor.shape.count
    let axes = try Sizes.axes(call.node.ints("axes") ?? [0, 2, 3], rank: rank).sorted()
    let order = (0..<rank).filter { !axes.contains($0) } + axes
    let turned = try Movement.transposed(tensor, order, call)
    let x = try turned.view(as: T.self)
    let length = axes.map { tensor.shape[$0] }.reduce(1, *)
    let y = try call.output(turned.shape, of: T.self)
    for row in 0..<(length == 0 ? 0 : x.count / length) {
      let (mean, variance) = moments(x.base + row * length, length)
      // The epsilon is that of the standard's function body.
      let factor = 1 / (variance.squareRoot() + 1e-9)
      for index in row * length..<(row + 1) * length {
        y[index] = T((x[index].double - mean) * factor)
      }
    }
    var back = order
    for (position, axis) in order.enumerated() { back[axis] = position }
    return [.tensor(try Movement.transposed(y.tensor, back, call))]
  }
}

/// Rows along an axis divided by their 1-norm or 2-norm; a row of zeros stays.
enum LpNormalization: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    let axis = try Sizes.axis(call.node.int("axis", default: -1), rank: x.shape.count)
    let p = call.node.int("p", default: 2)
    guard p == 1 || p == 2 else { throw call.failure("there is no \(p)-norm here") }
    let (outer, size, inner) = Sizes.split(x.shape, at: axis)
    let y = try call.output(x.shape, of: T.self)
    for row in 0..<outer {
      for column in 0..<inner {
        let start = row * size * inner + column
        var total = 0.0
        for index in 0..<size {
          let value = x[start + index * inner].double
          total += p == 1 ? value.magnitude : value * value
        }
        let norm = p == 1 ? total : total.squareRoot()
        for index in 0..<size {
          let position = start + index * inner
          y[position] = norm == 0 ? 0 : T(x[position].double / norm)
        }
      }
    }
    return [y.datum]
  }
}

/// Local response normalisation across channels (Krizhevsky et al. 2012).
enum LRN: RealOperator {
  static func run<T: Real>(_ call: KernelCall, as type: T.Type) throws(SurgeonError) -> [Datum?] {
    let x = try call.tensor(0).view(as: T.self)
    guard x.shape.count >= 2, let size = call.node.int("size"), size > 0 else {
      throw call.failure("the input has no channels, or attribute 'size' is missing")
    }
    let alpha = T(call.node.float("alpha", default: 1e-4))
    let beta = T(call.node.float("beta", default: 0.75))
    let bias = T(call.node.float("bias", default: 1))
    let channels = x.shape[1]
    let plane = x.shape[2...].reduce(1, *)
    let y = try call.output(x.shape, of: T.self)
    ThreadPool.shared.run(
      count: x.shape[0] * channels, threads: call.threads, nanoseconds: 8 * x.count
    ) { part in
      let channel = part % channels
      let first = max(0, channel - (size - 1) / 2)
      let last = min(channels - 1, channel + size / 2)
      let sample = x.base + (part - channel) * plane
      for index in 0..<plane {
        var total: T = 0
        for other in first...max(first, last) {
          let value = sample[other * plane + index]
          total += value * value
        }
        let scale = bias + alpha / T(size) * total
        y.base[part * plane + index] = x.base[part * plane + index] / T.pow(scale, beta)
      }
    }
    return [y.datum]
  }
}
