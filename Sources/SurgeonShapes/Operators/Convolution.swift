internal import SurgeonIR

/// Conv and its relatives: X [N, C, D1..Dk], W [M, C/group, k1..kk].
enum Convolution {
  static func conv(_ node: inout NodeInference) throws(SurgeonError) {
    try convolve(&node, weight: 1, bias: 2, elementType: node.elementType(0))
  }

  /// ConvInteger: 8-bit inputs, 32-bit sums; zero points follow the two operands.
  static func integer(_ node: inout NodeInference) throws(SurgeonError) {
    try convolve(&node, weight: 1, bias: nil, elementType: .int32)
  }

  /// QLinearConv: x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B.
  static func quantized(_ node: inout NodeInference) throws(SurgeonError) {
    try convolve(&node, weight: 3, bias: 8, elementType: node.elementType(7))
  }

  /// DeformConv: X, W, offset, B, mask; the window moves as Conv's does.
  static func deformable(_ node: inout NodeInference) throws(SurgeonError) {
    try convolve(&node, weight: 1, bias: 3, elementType: node.elementType(0))
  }

  private static func convolve(
    _ node: inout NodeInference, weight: Int, bias: Int?, elementType: ElementType?
  ) throws(SurgeonError) {
    node.set(elementType, nil)
    let x = node.shape(0)
    let w = node.shape(weight)
    try node.requireRank(0, 3...Int.max)
    guard let rank = x?.rank ?? w?.rank else { return }
    if let x, let w, x.rank != w.rank {
      throw node.error("\(node.describe(weight)) does not have the rank of \(node.describe(0))")
    }
    let group = node.int("group", default: 1)
    try node.requireRank(weight, 3...Int.max)
    if let channels = x?[1].value, let perGroup = w?[1].value,
      Dimension.known(perGroup).times(group).value != channels
    {
      throw node.error(
        "\(node.describe(weight)) wants \(perGroup) channels in each of \(group) groups; "
          + "\(node.describe(0)) has \(channels)")
    }
    if let filters = w?[0].value, group < 1 || filters % group != 0 {
      throw node.error("\(filters) filters are not divisible into \(group) groups")
    }
    if let bias, let b = node.shape(bias), let filters = w?[0] {
      guard b.rank == 1, Dimension.unified(b[0], filters) != nil else {
        throw node.error("\(node.describe(bias)) is no bias for \(node.describe(weight))")
      }
    }
    let kernel = try kernel(of: node, weight: w, rank: rank)
    let batch = x?[0] ?? .unknown
    let filters = w?[0] ?? .unknown
    guard let x, let kernel else {
      node.set(
        elementType, [batch, filters] + Array(repeating: .unknown, count: max(rank - 2, 0)))
      return
    }
    let window = try Window(node, kernel: kernel)
    node.set(
      elementType, [batch, filters] + (try window.outputSizes(x.dimensions[2...], node: node)))
  }

  /// The kernel's spatial size: the attribute, or the weight's own.
  private static func kernel(
    of node: borrowing NodeInference, weight: Shape?, rank: Int
  ) throws(SurgeonError) -> [Dimension]? {
    guard let attribute = node.ints("kernel_shape"), !attribute.isEmpty else {
      return weight.map { Array($0.dimensions[2...]) }
    }
    guard attribute.count == rank - 2 else {
      throw node.error("kernel_shape has \(attribute.count) entries for rank \(rank)")
    }
    if let weight {
      for (entry, dimension) in zip(attribute, weight.dimensions[2...])
      where dimension.value.map({ $0 != entry }) ?? false {
        throw node.error("kernel_shape \(attribute) is not that of the weight \(weight.text)")
      }
    }
    return attribute.map(Dimension.known)
  }

  /// ConvTranspose: W is [C, M/group, k1..kk].
  static func transposed(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    let w = node.shape(1)
    guard let x = node.shape(0) else { return }
    try node.requireRank(0, 3...Int.max)
    if let w, w.rank != x.rank {
      throw node.error("\(node.describe(1)) does not have the rank of \(node.describe(0))")
    }
    if let channels = x[1].value, let rows = w?[0].value, channels != rows {
      throw node.error("\(node.describe(1)) wants \(rows) channels; \(node.describe(0))")
    }
    let group = node.int("group", default: 1)
    let filters = w?[1].times(group) ?? .unknown
    var sizes: [Dimension] = Array(repeating: .unknown, count: x.rank - 2)
    let given = node.ints("output_shape") ?? []
    if !given.isEmpty {
      // Some exporters list batch and channels too.
      guard given.count >= sizes.count else {
        throw node.error("output_shape has \(given.count) entries for rank \(x.rank)")
      }
      sizes = given.suffix(sizes.count).map(Dimension.known)
    } else if let kernel = try kernel(of: node, weight: w, rank: x.rank) {
      let window = try Window(node, kernel: kernel)
      let extra = node.ints("output_padding") ?? []
      guard extra.isEmpty || extra.count == sizes.count else {
        throw node.error("output_padding has \(extra.count) entries for rank \(x.rank)")
      }
      for axis in sizes.indices {
        let padding = extra.isEmpty ? 0 : extra[axis]
        sizes[axis] = window.transposedSize(x[axis + 2], axis: axis, extra: padding)
      }
    }
    node.set(node.elementType(0), [x[0], filters] + sizes)
  }

  /// CausalConvWithState: the output has the input's shape, the state is the last k - 1 positions.
  static func causal(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.type(0))
    guard let x = node.shape(0), x.rank == 3 else { return }
    let length = node.shape(1).flatMap { $0.dimensions.last } ?? .unknown
    node.set(1, node.elementType(0), [x[0], x[1], length.map { max($0 - 1, 0) }])
  }
}

extension Window {
  /// The size of the input of which `output` would be the convolution's output.
  func transposedSize(_ output: Dimension, axis: Int, extra: Int) -> Dimension {
    let stride = strides[axis]
    guard let pads else {
      return stride == 1 ? output : output.times(stride)
    }
    guard let kernel = kernel[axis].value else { return .unknown }
    let rest = extra + (kernel - 1) * dilations[axis] + 1 - pads[axis] - pads[axis + rank]
    if stride == 1, rest == 1 { return output }
    return output.map { $0 - 1 }.times(stride).map { $0 + rest }
  }
}
