internal import SurgeonIR

/// Elements added at (or taken from) both ends of axes.
enum Padding {
  @Sendable static func pad(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let rank = tensor.shape.count
    let opset = call.node.opset
    // Version 1 calls them `paddings`; they became an input in version 11.
    guard
      let pads = opset < 11
        ? call.node.ints("pads") ?? call.node.ints("paddings") : try call.ints(1)
    else { throw call.failure("the pads are missing") }
    let axes = try Sizes.axes(
      opset < 18 ? Array(0..<rank) : try call.ints(3) ?? Array(0..<rank), rank: rank)
    guard pads.count == 2 * axes.count, pads.allSatisfy({ $0.magnitude < 1 << 40 }) else {
      throw call.failure("\(pads.count) pads do not fit \(axes.count) axes")
    }
    let mode = call.node.string("mode", default: "constant")
    var target = tensor.shape
    for (index, axis) in axes.enumerated() {
      target[axis] += pads[index] + pads[index + axes.count]
      guard target[axis] >= 0 else { throw call.failure("the pads \(pads) do not fit") }
    }
    _ = try Sizes.count(target)
    var maps: [[Int]?] = Array(repeating: nil, count: rank)
    for (index, axis) in axes.enumerated() {
      let (before, after) = (pads[index], pads[index + axes.count])
      guard before != 0 || after != 0 else { continue }
      maps[axis] = try (0..<target[axis]).mapThrowing { (position) throws(SurgeonError) in
        try source(position - before, of: tensor.shape[axis], mode, call)
      }
    }
    return [.tensor(try call.mapped(tensor, maps, fill: try fill(call, tensor.elementType)))]
  }

  /// Where the element at `position`, possibly outside of an axis of `size` elements, comes from.
  static func source(
    _ position: Int, of size: Int, _ mode: String, _ call: KernelCall
  ) throws(SurgeonError) -> Int {
    if position >= 0, position < size { return position }
    switch mode {
    case "constant": return -1
    case "edge" where size > 0: return position < 0 ? 0 : size - 1
    case "wrap" where size > 0:
      let rest = position % size
      return rest < 0 ? rest + size : rest
    case "reflect" where size > 0:
      // The ends are not repeated: period 2 (size - 1).
      guard size > 1 else { return 0 }
      let period = 2 * (size - 1)
      let rest = position.magnitude % UInt(period)
      return Int(rest) < size ? Int(rest) : period - Int(rest)
    default: throw call.failure("'\(mode)' does not pad an axis of \(size) elements")
    }
  }

  private static func fill(
    _ call: KernelCall, _ type: ElementType
  ) throws(SurgeonError) -> Tensor? {
    if call.node.opset >= 11 {
      guard let value = try call.optionalTensor(2) else { return nil }
      guard value.count == 1, value.elementType == type else {
        throw call.failure("the constant value must be one element of type \(type.name)")
      }
      return value
    }
    return try .converting([call.node.float("value", default: 0)], to: type, shape: [])
  }

  /// The middle of each axis, or the axis in the middle of zeros, of the wanted size.
  @Sendable static func centerCropPad(_ call: KernelCall) throws(SurgeonError) -> [Datum?] {
    let tensor = try call.tensor(0)
    let rank = tensor.shape.count
    guard let sizes = try call.ints(1) else { throw call.failure("the shape is missing") }
    let axes = try Sizes.axes(call.node.ints("axes") ?? Array(0..<rank), rank: rank)
    guard sizes.count == axes.count, sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }) else {
      throw call.failure("the sizes \(sizes) do not fit the axes \(axes)")
    }
    var maps: [[Int]?] = Array(repeating: nil, count: rank)
    var target = tensor.shape
    for (axis, size) in Swift.zip(axes, sizes) { target[axis] = size }
    _ = try Sizes.count(target)
    for (axis, size) in Swift.zip(axes, sizes) {
      let own = tensor.shape[axis]
      let shift = own > size ? (own - size) / 2 : -((size - own) / 2)
      maps[axis] = (0..<size).map { index in
        let position = index + shift
        return position >= 0 && position < own ? position : -1
      }
    }
    return [.tensor(try call.mapped(tensor, maps))]
  }
}

extension Sequence {
  func mapThrowing<R, E: Error>(_ body: (Element) throws(E) -> R) throws(E) -> [R] {
    var result: [R] = []
    for element in self { result.append(try body(element)) }
    return result
  }
}
