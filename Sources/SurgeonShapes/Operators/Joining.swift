internal import SurgeonIR

/// Operators that put tensors together or take one apart along an axis.
enum Joining {
  static func concat(_ node: inout NodeInference) throws(SurgeonError) {
    let elementType = try node.commonElementType(0..<node.inputCount)
    node.set(elementType, nil)
    var result: Shape?
    for input in 0..<node.inputCount {
      guard let shape = node.shape(input) else { return }
      guard let before = result else {
        result = shape
        continue
      }
      guard shape.rank == before.rank else {
        throw node.error("\(node.describe(input)) does not have the rank of \(node.describe(0))")
      }
      let axis = try node.axis(node.int("axis", default: 1), rank: shape.rank)
      var dimensions = before.dimensions
      for other in dimensions.indices {
        if other == axis {
          dimensions[other] = .sum(dimensions[other], shape[other])
        } else {
          dimensions[other] = try node.unify(
            dimensions[other], shape[other],
            "\(node.describe(input)) differs from \(node.describe(0)) outside of axis \(axis)")
        }
      }
      result = Shape(dimensions)
    }
    guard let result else { return }
    _ = try node.axis(node.int("axis", default: 1), rank: result.rank)
    node.set(elementType, result)
    guard result.rank == 1 else { return }
    try joinContents(&node)
  }

  /// A vector of which some parts are known still has as many entries: the rank of a Reshape.
  private static func joinContents(_ node: inout NodeInference) throws(SurgeonError) {
    guard (0..<node.inputCount).contains(where: { [node] in node.mayHaveContents($0) }) else {
      return
    }
    var elements: [Contents.Element] = []
    for input in 0..<node.inputCount {
      if let contents = try node.contents(input) {
        elements += contents.elements
      } else if let count = node.shape(input)?[0].value, count <= Contents.maxCount {
        elements += Array(repeating: .unknown, count: count)
      } else {
        return
      }
    }
    node.set(contents: Contents(shape: [elements.count], elements: elements))
  }

  /// Split: sizes as attribute (opsets 2 to 12) or input (1, and 13 on), else equal parts.
  static func split(_ node: inout NodeInference) throws(SurgeonError) {
    let parts = node.node.outputs.count
    for output in 0..<parts { node.set(output, node.elementType(0), nil) }
    guard let x = node.shape(0) else { return }
    let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
    let sizes = try splitSizes(of: node, whole: x[axis], parts: parts)
    for output in 0..<parts {
      var dimensions = x.dimensions
      dimensions[axis] = sizes[output]
      node.set(output, node.elementType(0), dimensions)
    }
    guard x.rank == 1, node.mayHaveContents(0), let input = try node.contents(0) else { return }
    var start = 0
    for output in 0..<parts {
      guard let size = sizes[output].value, start + size <= input.elements.count else { return }
      node.set(
        contents: Contents(shape: [size], elements: Array(input.elements[start..<start + size])),
        of: output)
      start += size
    }
  }

  private static func splitSizes(
    of node: borrowing NodeInference, whole: Dimension, parts: Int
  ) throws(SurgeonError) -> [Dimension] {
    if let given = try node.ints("split", orInput: 1) {
      guard given.count == parts, given.allSatisfy({ $0 >= 0 }) else {
        throw node.error("split \(given) does not fit \(parts) outputs")
      }
      if let whole = whole.value, whole != given.reduce(0, +) {
        throw node.error("split \(given) does not add up to \(whole)")
      }
      return given.map(Dimension.known)
    }
    if node.has(1) {
      let sizes = try node.contents(1)?.dimensions ?? []
      return sizes.count == parts ? sizes : Array(repeating: .unknown, count: parts)
    }
    guard parts > 1 else { return [whole] }
    guard let whole = whole.value else { return Array(repeating: .unknown, count: parts) }
    // From opset 18 on the last part may be smaller.
    if node.opset < 18, whole % parts != 0 {
      throw node.error("\(whole) does not divide into \(parts) equal parts")
    }
    let chunk = (whole + parts - 1) / parts
    return (0..<parts).map { .known(max(0, min(chunk, whole - $0 * chunk))) }
  }

  /// Pad: begins and ends of every axis, or of the given axes.
  ///
  /// `paddings` is the attribute's name in opset 1, `pads` until 10, an input from there on.
  static func pad(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    node.set(node.elementType(0), .ofRank(x.rank))
    guard let pads = try node.ints(node.opset < 2 ? "paddings" : "pads", orInput: 1) else {
      return
    }
    var axes = Array(0..<x.rank)
    if node.has(3) {
      guard let given = try node.integers(3) else { return }
      axes = try node.axes(given, rank: x.rank)
    }
    guard pads.count == 2 * axes.count else {
      throw node.error("\(pads.count) pads are given for \(axes.count) axes")
    }
    var dimensions = x.dimensions
    for (position, axis) in axes.enumerated() {
      let padding = pads[position] + pads[position + axes.count]
      if padding == 0 { continue }
      if let size = dimensions[axis].value, size + padding < 0 {
        throw node.error("pads \(pads) take more than there is of \(node.describe(0))")
      }
      dimensions[axis] = dimensions[axis].map { $0 + padding }
    }
    node.set(node.elementType(0), dimensions)
  }
}
