internal import SurgeonIR

/// Operators that make one number of many along some axes.
enum Reduction {
  /// Reduce*: axes are an attribute first, an input from opset 18 (ReduceSum: 13) on; no axes mean
  /// all of them, or none with noop_with_empty_axes.
  static func reduce(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    let keeps = node.int("keepdims", default: 1) != 0
    let given = try node.ints("axes", orInput: 1)
    if given == nil, node.has(1), node.shape(1)?.dimensions.first?.value != 0 {
      // The axes are computed: with keepdims the rank is known all the same.
      if keeps { node.set(node.elementType(0), .ofRank(x.rank)) }
      return
    }
    var axes = try node.axes(given ?? [], rank: x.rank)
    if axes.isEmpty {
      if node.int("noop_with_empty_axes", default: 0) != 0 {
        return node.set(node.elementType(0), x)
      }
      axes = Array(0..<x.rank)
    }
    var dimensions: [Dimension] = []
    for axis in 0..<x.rank {
      if !axes.contains(axis) {
        dimensions.append(x[axis])
      } else if keeps {
        dimensions.append(.known(1))
      }
    }
    node.set(node.elementType(0), dimensions)
    try fold(&node, axes: axes)
  }

  /// The product of a shape's entries, and the like.
  private static func fold(_ node: inout NodeInference, axes: [Int]) throws(SurgeonError) {
    guard axes == [0], node.mayHaveContents(0), let shape = node.outputs[0]?.shape?.sizes,
      let input = try node.contents(0), input.shape.count == 1, let first = input.elements.first
    else { return }
    let rest = input.elements.dropFirst()
    let result: Contents.Element
    switch node.node.opType {
    case "ReduceProd": result = rest.reduce(first, Contents.Element.product)
    case "ReduceSum": result = rest.reduce(first, Contents.Element.sum)
    case "ReduceMax": result = rest.reduce(first, Contents.Element.larger)
    case "ReduceMin": result = rest.reduce(first, Contents.Element.smaller)
    default: return
    }
    node.set(contents: Contents(shape: shape, elements: [result]))
  }

  static func argument(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(.int64, nil)
    guard let x = node.shape(0) else { return }
    let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
    var dimensions = x.dimensions
    if node.int("keepdims", default: 1) != 0 {
      dimensions[axis] = .known(1)
    } else {
      dimensions.remove(at: axis)
    }
    node.set(.int64, dimensions)
  }

  /// CumSum and CumProd: the axis is a scalar input.
  static func cumulative(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.type(0))
    try node.requireRank(1, 0...1)
  }

  /// TopK: k is an attribute before opset 10, an input from there on.
  static func topK(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    node.set(1, .int64, nil)
    guard let x = node.shape(0) else { return }
    let axis = try node.axis(node.int("axis", default: -1), rank: x.rank)
    var k = node.int("k").map { Dimension.known($0) } ?? .unknown
    if node.has(1), let given = try node.contents(1)?.dimensions.first { k = given }
    if let wanted = k.value, let size = x[axis].value, wanted > size {
      throw node.error("\(wanted) of \(size) elements are asked for; \(node.describe(0))")
    }
    var dimensions = x.dimensions
    dimensions[axis] = k
    node.set(node.elementType(0), dimensions)
    node.set(1, .int64, dimensions)
  }

  /// Softmax and its relatives, Hardmax, LpNormalization: an axis that must exist.
  static func alongAxis(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.type(0))
    guard let x = node.shape(0), let given = node.int("axis") else { return }
    // Before opset 13 the axis says where to flatten, and may be the rank.
    if node.opset < 13, given == x.rank { return }
    _ = try node.axis(given, rank: x.rank)
  }
}
