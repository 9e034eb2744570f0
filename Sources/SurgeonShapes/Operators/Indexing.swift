internal import SurgeonIR

/// Operators that pick elements by position.
enum Indexing {
  /// Slice: starts, ends and axes are attributes before opset 10, inputs (with steps) from there.
  static func slice(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    node.set(node.elementType(0), .ofRank(x.rank))
    let starts = try node.elements("starts", orInput: 1)
    let ends = try node.elements("ends", orInput: 2)
    guard let axes = try sliceAxes(of: node, count: starts?.count ?? ends?.count, rank: x.rank)
    else { return }
    let steps = node.has(4) ? try node.integers(4) : Array(repeating: 1, count: axes.count)
    guard starts.map({ $0.count == axes.count }) ?? true,
      ends.map({ $0.count == axes.count }) ?? true, steps.map({ $0.count == axes.count }) ?? true
    else { throw node.error("starts, ends, axes and steps are not equally long") }
    var dimensions = x.dimensions
    for (position, axis) in axes.enumerated() {
      guard let steps else {
        dimensions[axis] = .unknown
        continue
      }
      guard steps[position] != 0 else { throw node.error("a step is 0") }
      dimensions[axis] = size(
        of: x[axis], start: starts?[position] ?? .unknown, end: ends?[position] ?? .unknown,
        step: steps[position])
    }
    node.set(node.elementType(0), dimensions)
    guard node.mayHaveContents(0), let steps, let input = try node.contents(0),
      input.shape.count == x.rank, var picked = input.indices?.map(Array.init)
    else { return }
    for (position, axis) in axes.enumerated() {
      guard case .integer(let start)? = starts?[position], case .integer(let end)? = ends?[position]
      else { return }
      let range = bounds(start: start, end: end, step: steps[position], size: picked[axis].count)
      let indices = stride(from: range.start, to: range.end, by: steps[position])
      picked[axis] = indices.map { picked[axis][$0] }
    }
    node.set(contents: input.picking(picked, along: picked.indices))
  }

  private static func sliceAxes(
    of node: borrowing NodeInference, count: Int?, rank: Int
  ) throws(SurgeonError) -> [Int]? {
    if let given = try node.ints("axes", orInput: 3) { return try node.axes(given, rank: rank) }
    guard !node.has(3), let count else { return nil }
    guard count <= rank else { throw node.error("\(count) axes are sliced; \(node.describe(0))") }
    return Array(0..<count)
  }

  private static func size(
    of dimension: Dimension, start: Contents.Element, end: Contents.Element, step: Int
  ) -> Dimension {
    let isFromStart = start == .integer(0)
    if step == 1, isFromStart {
      // All of a named axis, or as much of it as another name says.
      if case .integer(let end) = end, end >= Int(Int32.max) { return dimension }
      if case .symbol(let name) = end, case .symbolic(name) = dimension.size { return dimension }
    }
    guard let size = dimension.value, case .integer(let start) = start,
      case .integer(let end) = end
    else { return .unknown }
    let range = bounds(start: start, end: end, step: step, size: size)
    let distance = step > 0 ? range.end - range.start : range.start - range.end
    let magnitude = Int(step.magnitude)
    return .known(distance <= 0 ? 0 : (distance - 1) / magnitude + 1)
  }

  /// Clamped as the standard says.
  private static func bounds(
    start: Int, end: Int, step: Int, size: Int
  ) -> (start: Int, end: Int) {
    let (low, high) = step > 0 ? (0, size) : (-1, size - 1)
    func clamped(_ index: Int, least: Int) -> Int {
      min(max(index < 0 ? index + size : index, least), high)
    }
    return (clamped(start, least: step > 0 ? 0 : min(0, high)), clamped(end, least: low))
  }

  static func gather(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
    guard let indices = node.shape(1) else { return }
    node.set(
      node.elementType(0),
      x.dimensions[..<axis] + indices.dimensions + x.dimensions[(axis + 1)...])
    guard x.rank == 1, node.mayHaveContents(0), let input = try node.contents(0),
      let positions = try node.contents(1)
    else { return }
    let count = input.elements.count
    let picked = positions.elements.map { position -> Contents.Element in
      guard case .integer(let index) = position else { return .unknown }
      let positive = index < 0 ? index + count : index
      return input.elements.indices.contains(positive) ? input.elements[positive] : .unknown
    }
    node.set(contents: Contents(shape: positions.shape, elements: picked))
  }

  static func gatherElements(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), node.shape(1))
    guard let x = node.shape(0), let indices = node.shape(1) else { return }
    _ = try node.axis(node.int("axis", default: 0), rank: x.rank)
    guard x.rank == indices.rank else {
      throw node.error("\(node.describe(1)) does not have the rank of \(node.describe(0))")
    }
  }

  static func gatherND(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0), let indices = node.shape(1) else { return }
    guard x.rank > 0, indices.rank > 0 else { throw node.error("an input is a scalar") }
    guard let depth = indices.dimensions.last?.value else { return }
    let batch = node.int("batch_dims", default: 0)
    guard batch >= 0, batch < min(x.rank, indices.rank), depth >= 1, batch + depth <= x.rank else {
      throw node.error(
        "\(node.describe(1)) with batch_dims \(batch) picks too deep in \(node.describe(0))")
    }
    node.set(
      node.elementType(0), indices.dimensions.dropLast() + x.dimensions[(batch + depth)...])
  }

  /// Compress: as many as the condition lets through, along `axis` or of all elements.
  static func compress(_ node: inout NodeInference) throws(SurgeonError) {
    guard let axis = node.int("axis") else {
      return node.set(node.elementType(0), [.unknown])
    }
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    var dimensions = x.dimensions
    dimensions[try node.axis(axis, rank: x.rank)] = .unknown
    node.set(node.elementType(0), dimensions)
  }

  /// NonZero: [rank, found].
  static func nonZero(_ node: inout NodeInference) {
    node.set(.int64, [node.rank(0).map { .known($0) } ?? .unknown, .unknown])
  }

  /// OneHot: indices, depth (a scalar), values [off, on].
  static func oneHot(_ node: inout NodeInference) throws(SurgeonError) {
    node.set(node.elementType(2), nil)
    guard let indices = node.shape(0) else { return }
    let given = node.int("axis", default: -1)
    let axis = try node.axis(given, rank: indices.rank + 1)
    var depth: Dimension = .unknown
    switch try node.contents(1)?.elements.first {
    case .real(let value)?:
      depth =
        Int(exactly: value.rounded(.towardZero)).map { .known($0) }
        ?? .unknown
    case let element?: depth = element.dimension
    case nil: break
    }
    var dimensions = indices.dimensions
    dimensions.insert(depth, at: axis)
    node.set(node.elementType(2), dimensions)
  }

  /// Unique: the found elements, and where they stood; along `axis`, or of all elements.
  static func unique(_ node: inout NodeInference) throws(SurgeonError) {
    for output in 1..<4 { node.set(output, .int64, [.unknown]) }
    guard let axis = node.int("axis") else { return node.set(node.elementType(0), [.unknown]) }
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0) else { return }
    var dimensions = x.dimensions
    dimensions[try node.axis(axis, rank: x.rank)] = .unknown
    node.set(node.elementType(0), dimensions)
  }
}
