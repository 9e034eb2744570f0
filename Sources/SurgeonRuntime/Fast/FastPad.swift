internal import SurgeonIR

/// Pad with a constant, of values that are not row-major: everything filled, the input copied in.
struct FastPad: FastKernel {
  init?(_ node: NodeDescription) {
    guard node.opset >= 11, node.string("mode", default: "constant") == "constant" else {
      return nil
    }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard case .layout? = call.inputs[0], let x = try call.strided(0), !x.matches(.rowMajor),
      x.matches(.channelsLast), let pads = try call.ints(1)
    else { return nil }
    let rank = x.shape.count
    let given = try call.ints(3)
    let axes = try Sizes.axes(given ?? Array(0..<rank), rank: rank)
    guard pads.count == 2 * axes.count, pads.allSatisfy({ $0 >= 0 && $0 < 1 << 31 }) else {
      return nil
    }
    var fill: Float = 0
    if let value = try call.optionalTensor(2) {
      guard let number = try value.elements(as: Float.self)?.first else { return nil }
      fill = number
    }
    var shape = x.shape
    for (index, axis) in axes.enumerated() { shape[axis] += pads[index] + pads[index + axes.count] }
    let y = try call.result(shape, .channelsLast)
    withExtendedLifetime(y) { y.base.update(repeating: fill, count: y.count) }
    var offset = 0
    for (index, axis) in axes.enumerated() { offset += pads[index] * y.strides[axis] }
    StridedCopy.copy(
      x, to: y.alias(shape: x.shape, strides: y.strides, offset: offset), threads: call.threads)
    return [.layout(y)]
  }
}
