package import SurgeonIR
internal import SurgeonRules
package import SurgeonShapes

/// MaxPools that are taken before the BatchNormalization in front of them.
///
/// For each channel a normalisation either rises or falls, as its gamma says, and so the largest of some
/// normalised numbers is the normalised largest, or smallest, of the numbers; a Relu behind it changes
/// nothing about that, to the last bit. What a stage keeps for the next one is then what the pool leaves:
/// a quarter of what the first convolution of most image networks gives.
///
/// Before: `x` (measured) `-> BatchNormalization -> Relu -> MaxPool`
///
/// After: `x` (measured) `-> MaxPool -> BatchNormalization -> Relu`; where some gamma is negative, `x` and the
/// maxima are multiplied by its sign.
package struct PooledSites {
  /// What computes the same with its pools moved.
  package private(set) var model: Model
  /// For each BatchNormalization behind a pool now, the value that it sees: what it read.
  package private(set) var seen: [Node.ID: Value.ID] = [:]

  /// - Throws: what reading a gamma throws.
  package init(_ model: Model, types: TypeTable) throws(SurgeonError) {
    self.model = model
    for pool in model.nodes(of: model.mainGraph) {
      guard let move = try Move(pool, in: self.model, types) else { continue }
      try move.apply(to: &self.model)
      seen[move.norm.node] = move.norm.input
    }
  }
}

/// A pool with the normalisation that it can stand in front of.
private struct Move {
  let pool: Node.ID
  let norm: BatchNormalization
  /// What the pool reads.
  let input: Value.ID
  let output: Value.ID
  /// What the normalisation and the operators behind it give, to what the pool reads.
  let between: [Value.ID]
  /// For each channel 1 or -1; nil where all are 1.
  let signs: [Float]?

  init?(_ pool: Node.ID, in model: Model, _ types: TypeTable) throws(SurgeonError) {
    let record = model[pool]
    guard record.opType == "MaxPool", Model.canonical(record.domain).isEmpty,
      record.outputs.dropFirst().allSatisfy({ $0 == nil }), Self.alwaysSeesAnElement(record),
      // Without its pool, a normalisation that nobody asks for would go as dead.
      let input = record.input(0), let output = record.output(0), !model[output].uses.isEmpty,
      let (norm, between) = try Self.normalization(before: input, in: model), norm.isPerChannel,
      types[norm.input]?.elementType == .float32,
      norm.extraOutputs.allSatisfy({ model[$0].uses.isEmpty }),
      let gamma = try model.constant(norm.gamma), gamma.elementType == .float32,
      let scale = try gamma.float64Elements(), scale.allSatisfy(\.isFinite)
    else { return nil }
    self.pool = pool
    self.norm = norm
    self.input = input
    self.output = output
    self.between = between
    guard scale.contains(where: { $0 < 0 }) else {
      signs = nil
      return
    }
    // Before, operands of different shapes needed an axis.
    guard norm.opset >= 7 else { return nil }
    signs = scale.map { $0 < 0 ? -1 : 1 }
  }

  /// The BatchNormalization that `value` comes from on a way that nothing else looks at, by operators that
  /// never fall.
  private static func normalization(
    before value: Value.ID, in model: Model
  ) throws(SurgeonError) -> (BatchNormalization, between: [Value.ID])? {
    var value = value
    var between: [Value.ID] = []
    while model[value].uses.count == 1, let node = model[value].producer?.node {
      between.append(value)
      if let norm = try BatchNormalization(node, in: model) {
        return norm.output == value ? (norm, between) : nil
      }
      guard rises(model[node]), let input = model[node].input(0) else { return nil }
      value = input
    }
    return nil
  }

  /// True for an elementwise operator whose rounded result never falls while its input rises.
  private static func rises(_ node: Node) -> Bool {
    guard Model.canonical(node.domain).isEmpty else { return false }
    return switch node.opType {
    case "Relu", "Clip", "Identity": true
    case "LeakyRelu": (node.float("alpha") ?? 0.01) >= 0
    default: false
    }
  }

  /// True where no window lies in the padding as a whole: its maximum is minus infinity, which a Relu makes
  /// to 0.
  private static func alwaysSeesAnElement(_ pool: Node) -> Bool {
    guard let kernel = pool.ints("kernel_shape"),
      (pool.ints("dilations") ?? []).allSatisfy({ $0 == 1 })
    else { return false }
    let rank = kernel.count
    let strides = pool.ints("strides") ?? Array(repeating: 1, count: rank)
    let pads = pool.ints("pads") ?? Array(repeating: 0, count: 2 * rank)
    guard strides.count == rank, pads.count == 2 * rank,
      // The numbers are the file's, and are added up.
      (kernel + strides + pads).allSatisfy({ (0...Int(Int32.max)).contains($0) }),
      ["NOTSET", "VALID", ""].contains(pool.string("auto_pad") ?? "")
    else { return false }
    return kernel.indices.allSatisfy { axis in
      // One that is rounded up to begins less than a stride after the last one that fits.
      let late = pool.int("ceil_mode") == 1 ? strides[axis] : 1
      return pads[axis] < kernel[axis] && pads[axis + rank] + late <= kernel[axis]
    }
  }

  func apply(to model: inout Model) throws(SurgeonError) {
    var patch = Patch(
      to: model, in: model[norm.node].graph, before: norm.node,
      namePrefix: "\(model.label(of: pool))_early")
    var value = norm.input
    let sign = signs.map { signs in
      let ones = Array(repeating: 1, count: model[pool].ints("kernel_shape")?.count ?? 0)
      return patch.constant(Tensor(signs, shape: [signs.count] + ones), name: "sign")
    }
    if let sign { value = patch.op("Mul", [value, sign], name: "turned") }
    value = patch.op("MaxPool", [value], model[pool].attributes, name: "pool")
    if let sign { value = patch.op("Mul", [value, sign], name: "back") }
    patch.setInput(0, of: norm.node, to: value)
    patch.replace(output, with: input)
    patch.remove(pool)
    // What stands between them has the shape of the maxima now.
    for value in between { model.setType(nil, of: value) }
    // A node without a name goes by that of its output, which may be another now.
    var labels = between.compactMap { model[$0].producer?.node }.map { ($0, model.label(of: $0)) }
    let poolLabel = model.label(of: pool)
    let added = try model.apply(patch).addedNodes
    labels += added.filter { model[$0].opType == "MaxPool" }.map { ($0, poolLabel) }
    for (node, label) in labels { model.updateNode(node) { $0.name = label } }
  }
}
