internal import CKernels
internal import SurgeonIR
internal import SurgeonThreads

/// InstanceNormalization, GroupNormalization, and LayerNormalization over everything but the images,
/// of channels-last values: the moments of each channel in one pass, in Float64, and the result in a
/// second.
struct FastGroupNormalization: FastKernel {
  private enum Kind {
    case instances
    case groups(Int, scalesGroups: Bool)
    case layers(axis: Int)
  }

  private let kind: Kind
  private let epsilon: Double

  init?(_ node: NodeDescription) {
    epsilon = node.float("epsilon", default: 1e-5)
    switch node.opType {
    case "InstanceNormalization": kind = .instances
    case "GroupNormalization":
      guard let groups = node.int("num_groups"), groups > 0 else { return nil }
      kind = .groups(groups, scalesGroups: node.opset < 21)
    case "LayerNormalization":
      guard !node.needsOutput(1), !node.needsOutput(2), node.int("stash_type", default: 1) == 1
      else { return nil }
      kind = .layers(axis: node.int("axis", default: -1))
    default: return nil
    }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    // Row-major values have their channels far apart; the other engine is as good for those.
    guard let x = try call.strided(0), x.shape.count >= 3, x.count > 0, !x.matches(.rowMajor),
      x.matches(.channelsLast), let scale = try call.strided(1, .rowMajor)
    else { return nil }
    let bias = try call.strided(2, .rowMajor)
    guard !call.has(2) || bias != nil else { return nil }
    let chain =
      switch kind {
      case .instances: try channelChain(x, groups: x.shape[1], scale, bias, false, call)
      case .groups(let groups, let scalesGroups):
        try channelChain(x, groups: groups, scale, bias, scalesGroups, call)
      case .layers(let axis): try layerChain(x, axis: axis, scale, bias, call)
      }
    guard let chain else { return nil }
    let place = call.place(of: 0, x, shape: x.shape, .channelsLast)
    return [.layout(try chain.run(x, shape: x.shape, .channelsLast, call.context, into: place))]
  }

  /// (x - mean) slope + bias, with numbers for each channel of each image.
  private func channelChain(
    _ x: StridedTensor, groups: Int, _ scale: StridedTensor, _ bias: StridedTensor?,
    _ scalesGroups: Bool, _ call: KernelCall
  ) throws(SurgeonError) -> ElementwiseChain? {
    let (images, channels) = (x.shape[0], x.shape[1])
    let wanted = scalesGroups ? groups : channels
    guard channels % groups == 0, let bias, scale.count == wanted, bias.count == wanted else {
      return nil
    }
    let ones = Array(repeating: 1, count: x.shape.count - 2)
    let shape = [images, channels] + ones
    let means = try call.result(shape, .rowMajor)
    let slopes = try call.result(shape, .rowMajor)
    let offsets = try call.result([channels] + ones, .rowMajor)
    let perGroup = channels / groups
    let found = moments(x, groups: groups, threads: call.threads)
    withExtendedLifetime((means, slopes, offsets, scale, bias)) {
      for index in 0..<images * channels {
        let (mean, inverse) = found[index / perGroup]
        let parameter = scalesGroups ? index % channels / perGroup : index % channels
        means.base[index] = Float(mean)
        slopes.base[index] = Float(inverse * Double(scale.base[parameter]))
        offsets.base[index % channels] = bias.base[parameter]
      }
    }
    return ElementwiseChain(steps: [
      .init(op: CK_SUBTRACT, operand: means), .init(op: CK_MULTIPLY, operand: slopes),
      .init(op: CK_ADD, operand: offsets),
    ])
  }

  /// (x - mean) / deviation, with numbers for each image, then scale and bias as they are given.
  private func layerChain(
    _ x: StridedTensor, axis: Int, _ scale: StridedTensor, _ bias: StridedTensor?,
    _ call: KernelCall
  ) throws(SurgeonError) -> ElementwiseChain? {
    let rank = x.shape.count
    guard axis == 1 || axis == 1 - rank, try Sizes.broadcast(x.shape, scale.shape) == x.shape,
      try bias.map({ bias throws(SurgeonError) in
        try Sizes.broadcast(x.shape, bias.shape) == x.shape
      }) ?? true
    else { return nil }
    let shape = [x.shape[0]] + Array(repeating: 1, count: rank - 1)
    let means = try call.result(shape, .rowMajor)
    let inverses = try call.result(shape, .rowMajor)
    let found = moments(x, groups: 1, threads: call.threads)
    withExtendedLifetime((means, inverses)) {
      for (image, moment) in found.enumerated() {
        means.base[image] = Float(moment.mean)
        inverses.base[image] = Float(moment.inverse)
      }
    }
    var steps: [ElementwiseChain.Step] = [
      .init(op: CK_SUBTRACT, operand: means), .init(op: CK_MULTIPLY, operand: inverses),
      .init(op: CK_MULTIPLY, operand: scale),
    ]
    if let bias { steps.append(.init(op: CK_ADD, operand: bias)) }
    return ElementwiseChain(steps: steps)
  }

  /// The mean and 1 / sqrt(variance + epsilon) of each group of each image. A channel is summed by one
  /// thread, in one order.
  private func moments(
    _ x: StridedTensor, groups: Int, threads: Int
  ) -> [(mean: Double, inverse: Double)] {
    let (images, channels) = (x.shape[0], x.shape[1])
    let plane = x.count / (images * channels)
    let (width, perGroup) = (16, channels / groups)
    let blocks = (channels + width - 1) / width
    var result: [(mean: Double, inverse: Double)] = []
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * images * channels) { sums in
      guard let sums = sums.baseAddress else { return }
      let squares = sums + images * channels
      ThreadPool.shared.run(
        count: images * blocks, threads: x.count < 1 << 14 ? 1 : threads
      ) { task in
        let (image, channel) = (task / blocks, task % blocks * width)
        let count = min(width, channels - channel)
        let start = x.base + image * plane * channels
        // Numbers near the mean keep the difference of squares exact: each group's first one.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { shift in
          guard let shift = shift.baseAddress else { return }
          for index in 0..<count {
            shift[index] = start[(channel + index) / perGroup * perGroup]
          }
          ck_moments(
            Int64(plane), Int64(count), start + channel, Int64(channels), shift,
            sums + image * channels + channel, squares + image * channels + channel)
        }
      }
      for group in 0..<images * groups {
        let (image, first) = (group / groups, group % groups * perGroup)
        var (sum, square) = (0.0, 0.0)
        for channel in first..<first + perGroup {
          sum += sums[image * channels + channel]
          square += squares[image * channels + channel]
        }
        let count = Double(perGroup * plane)
        let distance = sum / count
        let variance = max(0, square / count - distance * distance)
        let shift = Double(x.base[image * plane * channels + first])
        result.append((shift + distance, 1 / (variance + epsilon).squareRoot()))
      }
    }
    return result
  }
}
