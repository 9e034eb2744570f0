internal import CKernels
internal import SurgeonIR

/// InstanceNormalization, GroupNormalization, and LayerNormalization over everything but the images:
/// the moments of each group in Float64, and the result in a second pass.
///
/// Layer and root-mean-square normalisations over the last dimensions go line by line.
struct FastGroupNormalization: FastKernel {
  private enum Kind {
    case instances
    case groups(Int, scalesGroups: Bool)
    case layers(axis: Int, subtractsMean: Bool)
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
    case "LayerNormalization", "RMSNormalization":
      guard !node.needsOutput(1), !node.needsOutput(2), node.int("stash_type", default: 1) == 1
      else { return nil }
      kind = .layers(
        axis: node.int("axis", default: -1), subtractsMean: node.opType == "LayerNormalization")
    default: return nil
    }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard call.has(0), let scale = try call.strided(1, .rowMajor) else { return nil }
    let bias = try call.strided(2, .rowMajor)
    guard !call.has(2) || bias != nil else { return nil }
    if case .instances = kind, case .layout(let whole as GroupedTensor)? = call.inputs[0] {
      // An instance's channels are groups of those that the value had before.
      guard
        let y = try channels(whole.source, groups: whole.shape[1], scale, bias, true, call),
        let grouped = GroupedTensor(y, shape: whole.shape)
      else { return nil }
      return [.layout(grouped)]
    }
    guard let x = try call.strided(0), x.count > 0 else { return nil }
    let y =
      switch kind {
      case .instances where x.shape.count >= 3:
        try channels(x, groups: x.shape[1], scale, bias, false, call)
      case .groups(let groups, let scalesGroups) where x.shape.count >= 3:
        try channels(x, groups: groups, scale, bias, scalesGroups, call)
      case .layers(let axis, let subtractsMean):
        try layers(x, axis: axis, subtractsMean, scale, bias, call)
      default: nil as StridedTensor?
      }
    return y.map { [.layout($0)] }
  }

  /// (x - mean) slope + bias, with numbers for each channel of each image.
  private func channels(
    _ given: StridedTensor, groups: Int, _ scale: StridedTensor, _ bias: StridedTensor?,
    _ scalesGroups: Bool, _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    let x = given.matches(.channelsLast) ? given : try given.arranged(.rowMajor)
    let (images, channels) = (x.shape[0], x.shape[1])
    let wanted = scalesGroups ? groups : channels
    guard Sizes.splits(channels, into: groups), let bias, scale.count == wanted,
      bias.count == wanted
    else { return nil }
    let ones = Array(repeating: 1, count: x.shape.count - 2)
    let shape = [images, channels] + ones
    let means = try call.result(shape, .rowMajor)
    let slopes = try call.result(shape, .rowMajor)
    let offsets = try call.result([channels] + ones, .rowMajor)
    let perGroup = channels / groups
    let found = GroupMoments(x, groups: groups, threads: call.threads)
    withExtendedLifetime((means, slopes, offsets, scale, bias)) {
      for index in 0..<images * channels {
        let group = index / perGroup
        let parameter = scalesGroups ? index % channels / perGroup : index % channels
        let inverse = 1 / (found.variances[group] + epsilon).squareRoot()
        means.base[index] = Float(found.means[group])
        slopes.base[index] = Float(inverse * Double(scale.base[parameter]))
        offsets.base[index % channels] = bias.base[parameter]
      }
    }
    return try call.changed(
      x,
      [
        .init(op: CK_SUBTRACT, operand: means), .init(op: CK_MULTIPLY, operand: slopes),
        .init(op: CK_ADD, operand: offsets),
      ])
  }

  private func layers(
    _ x: StridedTensor, axis: Int, _ subtractsMean: Bool, _ scale: StridedTensor,
    _ bias: StridedTensor?, _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    let rank = x.shape.count
    let first = axis < 0 ? axis + rank : axis
    guard first >= 0, first < rank else { return nil }
    if first == 1, subtractsMean, rank >= 3, !x.matches(.rowMajor), x.matches(.channelsLast) {
      return try images(x, scale, bias, call)
    }
    let columns = x.shape[first...].reduce(1, *)
    guard scale.count == columns, scale.shape.count <= rank - first,
      bias.map({ $0.count == columns && $0.shape.count <= rank - first }) ?? true
    else { return nil }
    let source = try x.arranged(.rowMajor)
    let y = try call.result(x.shape, .rowMajor)
    let lines = x.count / columns
    let perTask = max(1, (1 << 13) / columns)
    call.share((lines + perTask - 1) / perTask, nanoseconds: x.count / 2) { task in
      let start = task * perTask * columns
      ck_normalize_lines(
        Int64(min(perTask, lines - task * perTask)), Int64(columns), source.base + start, epsilon,
        subtractsMean ? 1 : 0, scale.base, bias?.base, y.base + start)
    }
    withExtendedLifetime((source, y, scale, bias)) {}
    return y
  }

  /// (x - mean) / deviation of a channels-last value, with numbers for each image, then scale and
  /// bias as they are given.
  private func images(
    _ x: StridedTensor, _ scale: StridedTensor, _ bias: StridedTensor?, _ call: KernelCall
  ) throws(SurgeonError) -> StridedTensor? {
    for operand in [scale, bias] {
      guard let operand else { continue }
      guard try Sizes.broadcast(x.shape, operand.shape) == x.shape else { return nil }
    }
    let shape = [x.shape[0]] + Array(repeating: 1, count: x.shape.count - 1)
    let means = try call.result(shape, .rowMajor)
    let inverses = try call.result(shape, .rowMajor)
    let found = GroupMoments(x, groups: 1, threads: call.threads)
    withExtendedLifetime((means, inverses)) {
      for image in 0..<x.shape[0] {
        means.base[image] = Float(found.means[image])
        inverses.base[image] = Float(1 / (found.variances[image] + epsilon).squareRoot())
      }
    }
    var steps: [ElementwiseChain.Step] = [
      .init(op: CK_SUBTRACT, operand: means), .init(op: CK_MULTIPLY, operand: inverses),
      .init(op: CK_MULTIPLY, operand: scale),
    ]
    if let bias { steps.append(.init(op: CK_ADD, operand: bias)) }
    return try call.changed(x, steps)
  }
}
