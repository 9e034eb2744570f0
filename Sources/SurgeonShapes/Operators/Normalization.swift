internal import SurgeonIR

/// Operators that shift and scale by statistics; output 0 has the type of input 0.
enum Normalization {
  /// BatchNormalization. Outputs 1 and on are statistics [C]: the running ones, and before opset 14
  /// two saved ones as well.
  static func batch(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.type(0))
    guard let x = node.shape(0) else { return setStatistics(&node, .unknown) }
    try node.requireRank(0, 1...Int.max)
    let channels = x.rank == 1 ? Dimension.known(1) : x[1]
    // With spatial = 0 (before opset 9) the parameters are [C, D1..Dk].
    let isSpatial = node.opset >= 9 || node.int("spatial", default: 1) == 1
    var known = channels
    for parameter in 1..<5 where isSpatial {
      guard let shape = node.shape(parameter) else { continue }
      guard shape.rank == 1, let unified = Dimension.unified(known, shape[0]) else {
        throw node.error(
          "\(node.describe(parameter)) is no parameter for the channels of \(node.describe(0))")
      }
      known = unified
    }
    setStatistics(&node, known)
  }

  private static func setStatistics(_ node: inout NodeInference, _ channels: Dimension) {
    for output in 1..<5 {
      let parameter = output == 1 || output == 3 ? 3 : 4
      let elementType = node.elementType(parameter) ?? node.elementType(0)
      node.set(output, elementType, node.shape(parameter) ?? Shape([channels]))
    }
  }

  /// InstanceNormalization and GroupNormalization: scale and bias are vectors.
  static func perChannel(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.type(0))
    try node.requireRank(0, 2...Int.max)
    guard let x = node.shape(0) else { return }
    let isGroup = node.node.opType == "GroupNormalization"
    if isGroup, let groups = node.int("num_groups"), let channels = x[1].value,
      groups < 1 || channels % groups != 0
    {
      throw node.error("\(channels) channels are not divisible into \(groups) groups")
    }
    let entries =
      isGroup && node.opset < 21
      ? node.int("num_groups").map(Dimension.known) ?? .unknown : x[1]
    for parameter in 1...2 {
      guard let shape = node.shape(parameter) else { continue }
      guard shape.rank == 1, Dimension.unified(shape[0], entries) != nil else {
        throw node.error("\(node.describe(parameter)) does not fit \(node.describe(0))")
      }
    }
  }

  /// LayerNormalization: outputs 1 and 2, mean and inverse deviation, keep the axes before `axis`.
  static func layer(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.type(0))
    guard let x = node.shape(0) else { return }
    let axis = try node.axis(node.int("axis", default: -1), rank: x.rank)
    let reduced = x.dimensions[..<axis] + Array(repeating: .known(1), count: x.rank - axis)
    let stash = node.elementType(attribute: "stash_type") ?? .float32
    for output in 1...2 { node.set(output, stash, Array(reduced)) }
  }

  /// RMSNormalization: the result has the scale's element type.
  static func rootMeanSquare(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(1) ?? node.elementType(0), node.shape(0))
    guard let x = node.shape(0) else { return }
    _ = try node.axis(node.int("axis", default: -1), rank: x.rank)
  }
}
