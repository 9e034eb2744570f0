internal import SurgeonIR

/// Operators that reduce windows of X [N, C, D1..Dk].
enum Pooling {
  static func window(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    try node.requireRank(0, 3...Int.max)
    guard let x = node.shape(0) else { return }
    guard let kernel = node.ints("kernel_shape") else {
      throw node.error("the attribute kernel_shape is missing")
    }
    guard kernel.count == x.rank - 2 else {
      throw node.error("kernel_shape has \(kernel.count) entries; \(node.describe(0))")
    }
    let window = try Window(node, kernel: kernel.map(Dimension.known))
    let sizes = try window.outputSizes(x.dimensions[2...], node: node)
    node.set(node.elementType(0), [x[0], x[1]] + sizes)
    // MaxPool's second output: where each maximum stood.
    node.set(1, .int64, [x[0], x[1]] + sizes)
  }

  static func global(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    try node.requireRank(0, 2...Int.max)
    guard let x = node.shape(0) else { return }
    node.set(
      node.elementType(0), [x[0], x[1]] + Array(repeating: .known(1), count: x.rank - 2))
  }

  /// MaxUnpool: undoes MaxPool; the third input says the shape outright.
  static func unpool(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    if node.has(2) {
      let shape = try node.contents(2)?.dimensions
      node.set(node.elementType(0), shape.map { Shape($0) } ?? .ofRank(x.rank))
      return
    }
    guard let kernel = node.ints("kernel_shape"), kernel.count == x.rank - 2 else {
      throw node.error("kernel_shape is missing or does not fit \(node.describe(0))")
    }
    let window = try Window(node, kernel: kernel.map(Dimension.known))
    var dimensions = [x[0], x[1]]
    for axis in kernel.indices {
      dimensions.append(window.transposedSize(x[axis + 2], axis: axis, extra: 0))
    }
    node.set(node.elementType(0), dimensions)
  }
}
