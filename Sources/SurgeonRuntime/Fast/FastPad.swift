internal import SurgeonIR

/// Pad: the input copied into the middle, then each dimension's ends from what lies beside them.
struct FastPad: FastKernel {
  private let mode: String

  init?(_ node: NodeDescription) {
    mode = node.string("mode", default: "constant")
    guard node.opset >= 11, ["constant", "edge", "reflect", "wrap"].contains(mode) else {
      return nil
    }
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard call.has(0), let x = try call.strided(0), x.count > 0, let pads = try call.ints(1) else {
      return nil
    }
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
    var offset = 0
    for (index, axis) in axes.enumerated() { shape[axis] += pads[index] + pads[index + axes.count] }
    _ = try Sizes.count(shape)
    let y = try call.result(shape, ElementwiseChain.arrangement(of: [x], shape: x.shape))
    if mode == "constant" {
      withExtendedLifetime(y) { y.base.update(repeating: fill, count: y.count) }
    }
    for (index, axis) in axes.enumerated() { offset += pads[index] * y.strides[axis] }
    StridedCopy.copy(
      x, to: y.alias(shape: x.shape, strides: y.strides, offset: offset), threads: call.threads)
    guard mode != "constant" else { return [.layout(y)] }
    // A dimension's ends are copied with those of the dimensions before it.
    var done = x.shape
    for (index, axis) in axes.enumerated() where shape[axis] > x.shape[axis] {
      let (before, size) = (pads[index], x.shape[axis])
      offset -= before * y.strides[axis]
      done[axis] = 1
      for position in 0..<shape[axis] where position < before || position >= before + size {
        let source = try Padding.source(position - before, of: size, mode, call) + before
        func slice(_ position: Int) -> StridedTensor {
          y.alias(shape: done, strides: y.strides, offset: offset + position * y.strides[axis])
        }
        StridedCopy.copy(slice(source), to: slice(position), threads: call.threads)
      }
      done[axis] = shape[axis]
    }
    return [.layout(y)]
  }
}
