internal import SurgeonIR

/// Operators that give the same elements another shape or order.
enum Reshaping {
  /// The numbers of input 0 are those of output 0, in the same order.
  static func passContents(_ node: inout NodeInference) throws(SurgeonError) {
    guard node.mayHaveContents(0), let shape = node.outputs.first??.shape?.sizes,
      let input = try node.contents(0), Shape(shape).elementCount == input.elements.count
    else { return }
    node.set(contents: Contents(shape: shape, elements: input.elements))
  }

  /// The target is an attribute before opset 5.
  static func reshape(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    let target: [Contents.Element]
    if let attribute = node.ints("shape") {
      target = attribute.map(Contents.Element.integer)
    } else if let contents = try node.contents(1) {
      target = contents.elements
    } else {
      if let rank = node.shape(1)?.dimensions.first?.value, node.rank(1) == 1, rank <= 64 {
        node.set(node.elementType(0), .ofRank(rank))
      }
      return
    }
    let dimensions = try dimensions(of: node, target: target)
    node.set(node.elementType(0), dimensions)
    try passContents(&node)
  }

  private static func dimensions(
    of node: borrowing NodeInference, target: [Contents.Element]
  ) throws(SurgeonError) -> [Dimension] {
    let x = node.shape(0)
    let keepsZero = node.int("allowzero", default: 0) != 0
    var dimensions: [Dimension] = []
    var inferred: Int?
    for (axis, element) in target.enumerated() {
      switch element {
      case .integer(0) where !keepsZero:
        if let x, axis >= x.rank {
          throw node.error(
            "entry \(axis) of the shape copies an axis that "
              + "\(node.describe(0)) does not have")
        }
        dimensions.append(x?[axis] ?? .unknown)
      case .integer(-1):
        guard inferred == nil else { throw node.error("the shape has two entries of -1") }
        inferred = axis
        dimensions.append(.unknown)
      case .integer(let size) where size < 0:
        throw node.error("entry \(axis) of the shape is \(size)")
      default: dimensions.append(element.dimension)
      }
    }
    guard let x else { return dimensions }
    let text = Shape(dimensions).text
    var others = dimensions
    if let inferred { others.remove(at: inferred) }
    guard let rest = Dimension.quotient(of: x.dimensions, by: others) else {
      throw node.error("\(node.describe(0)) cannot become \(text)")
    }
    if let inferred {
      dimensions[inferred] = rest
    } else if let rest = rest.value, rest != 1 {
      throw node.error("\(node.describe(0)) cannot become \(text)")
    }
    return dimensions
  }

  static func flatten(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), .ofRank(2))
    guard let x = node.shape(0) else { return }
    let given = node.int("axis", default: 1)
    let axis = given < 0 ? given + x.rank : given
    guard (0...x.rank).contains(axis) else {
      throw node.error("axis \(given) is outside of rank \(x.rank)")
    }
    node.set(
      node.elementType(0),
      [Dimension.product(x.dimensions[..<axis]), Dimension.product(x.dimensions[axis...])])
    try passContents(&node)
  }

  /// Axes are an attribute before opset 13, an input from there on.
  static func squeeze(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    let given = try node.ints("axes", orInput: 1)
    if given == nil, node.has(1) {
      if let count = node.shape(1)?.dimensions.first?.value, count <= x.rank {
        node.set(node.elementType(0), .ofRank(x.rank - count))
      }
      return
    }
    let axes: [Int]
    if let given {
      axes = try node.axes(given, rank: x.rank)
      for axis in axes {
        if let size = x[axis].value, size != 1 {
          throw node.error("axis \(axis) of \(node.describe(0)) is not 1")
        }
      }
    } else {
      // Without axes, every axis of size 1 goes; with an unknown size even the rank is unknown.
      guard let sizes = x.sizes else { return }
      axes = sizes.indices.filter { sizes[$0] == 1 }
    }
    node.set(
      node.elementType(0),
      x.dimensions.indices.filter { !axes.contains($0) }.map { x.dimensions[$0] })
    try passContents(&node)
  }

  static func unsqueeze(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    guard let given = try node.ints("axes", orInput: 1) else {
      if let count = node.shape(1)?.dimensions.first?.value, count <= 64 {
        node.set(node.elementType(0), .ofRank(x.rank + count))
      }
      return
    }
    let rank = x.rank + given.count
    let axes = try node.axes(given, rank: rank)
    var rest = x.dimensions.makeIterator()
    var dimensions: [Dimension] = []
    for axis in 0..<rank {
      dimensions.append(axes.contains(axis) ? .known(1) : rest.next() ?? .unknown)
    }
    node.set(node.elementType(0), dimensions)
    try passContents(&node)
  }

  static func transpose(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), node.ints("perm").map { .ofRank($0.count) })
    guard let x = node.shape(0) else { return }
    let order = node.ints("perm") ?? Array((0..<x.rank).reversed())
    guard order.sorted() == Array(0..<x.rank) else {
      throw node.error("perm \(order) is no order of the axes of \(node.describe(0))")
    }
    node.set(node.elementType(0), order.map { x[$0] })
    guard node.mayHaveContents(0), let input = try node.contents(0), input.shape.count == x.rank,
      let indices = input.indices
    else { return }
    node.set(contents: input.picking(order.map { indices[$0] }, along: order))
  }

  static func expand(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    guard let target = try node.contents(1) else {
      if let rank = node.shape(1)?.dimensions.first?.value, rank <= 64 {
        node.set(node.elementType(0), Shape.broadcast(x, .ofRank(rank)))
      }
      return
    }
    guard let result = Shape.broadcast(x, Shape(target.dimensions)) else {
      throw node.error(
        "\(node.describe(0)) does not broadcast to \(Shape(target.dimensions).text)")
    }
    node.set(node.elementType(0), result)
    guard node.mayHaveContents(0), let sizes = result.sizes, let input = try node.contents(0),
      let positions = NodeInference.positions(of: input.shape, in: sizes)
    else { return }
    node.set(contents: Contents(shape: sizes, elements: positions.map { input.elements[$0] }))
  }

  /// Tile: from opset 6 on a repeat count per axis; before, the inputs `tiles` and `axis`.
  static func tile(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    node.set(node.elementType(0), .ofRank(x.rank))
    guard let repeats = try node.contents(1) else { return }
    var dimensions = x.dimensions
    if node.opset < 6 {
      guard let axis = try node.integers(2)?.first, let tiles = repeats.elements.first else {
        return
      }
      let position = try node.axis(axis, rank: x.rank)
      dimensions[position] = .product(dimensions[position], tiles.dimension)
    } else {
      guard repeats.elements.count == x.rank else {
        throw node.error("\(repeats.elements.count) repeats are given; \(node.describe(0))")
      }
      for axis in dimensions.indices {
        dimensions[axis] = .product(dimensions[axis], repeats.elements[axis].dimension)
      }
    }
    node.set(node.elementType(0), dimensions)
    guard x.rank == 1, node.mayHaveContents(0), let input = try node.contents(0),
      case .integer(let times)? = repeats.elements.first, (0...Contents.maxCount).contains(times)
    else { return }
    let elements = Array(repeatElement(input.elements, count: times).joined())
    node.set(contents: Contents(shape: [elements.count], elements: elements))
  }

  /// DepthToSpace: blocks of channels become positions.
  static func depthToSpace(_ node: inout NodeInference) throws(SurgeonError) {
    try moveBlocks(&node) { channels, spatial, block in
      (channels.map { $0 / (block * block) }, spatial.map { $0.map { $0 * block } })
    }
  }

  /// SpaceToDepth: positions become blocks of channels.
  static func spaceToDepth(_ node: inout NodeInference) throws(SurgeonError) {
    try moveBlocks(&node) { channels, spatial, block in
      (channels.map { $0 * block * block }, spatial.map { $0.map { $0 / block } })
    }
  }

  private static func moveBlocks(
    _ node: inout NodeInference,
    _ move: (Dimension, [Dimension], Int) -> (Dimension, [Dimension])
  ) throws(SurgeonError) {
    node.set(node.elementType(0), .ofRank(4))
    try node.requireRank(0, 4...4)
    guard let x = node.shape(0) else { return }
    guard let block = node.int("blocksize"), (1...Int(UInt16.max)).contains(block) else {
      throw node.error("blocksize is missing or out of range")
    }
    let (channels, spatial) = move(x[1], Array(x.dimensions[2...]), block)
    node.set(node.elementType(0), [x[0], channels] + spatial)
  }
}
