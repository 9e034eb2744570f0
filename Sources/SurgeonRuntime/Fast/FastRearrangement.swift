internal import SurgeonIR

/// Expand: one copy out of a value that is repeated by strides of 0.
struct FastExpand: FastKernel {
  init?(_ node: NodeDescription) {}

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), let wanted = try call.ints(1),
      wanted.allSatisfy({ $0 > 0 }), x.count > 0
    else { return nil }
    let shape = try Sizes.broadcast(x.shape, wanted)
    _ = try Sizes.count(shape)
    let isSameRank = shape.count == x.shape.count
    let y = try call.result(
      shape, isSameRank ? ElementwiseChain.arrangement(of: [x], shape: x.shape) : .rowMajor)
    StridedCopy.copy(
      x.alias(shape: shape, strides: ElementwiseChain.broadcastStrides(x, to: shape)), to: y,
      threads: call.threads)
    return [.layout(y)]
  }
}

/// DepthToSpace and SpaceToDepth: one copy between the same elements seen with the block's two
/// dimensions apart.
struct FastDepthSpace: FastKernel {
  private let size: Int
  private let isToSpace: Bool
  private let isColumnFirst: Bool

  init?(_ node: NodeDescription) {
    guard let size = node.int("blocksize"), size > 0, size < 1 << 16 else { return nil }
    self.size = size
    isToSpace = node.opType == "DepthToSpace"
    isColumnFirst = node.string("mode", default: "DCR") == "CRD"
  }

  func run(_ call: KernelCall) throws(SurgeonError) -> [RuntimeValue?]? {
    guard let x = try call.strided(0), x.shape.count == 4, x.count > 0 else { return nil }
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    var shape = x.shape
    if isToSpace {
      guard channels % (size * size) == 0 else { return nil }
      shape = [shape[0], channels / (size * size), height * size, width * size]
    } else {
      guard height % size == 0, width % size == 0 else { return nil }
      shape = [shape[0], channels * size * size, height / size, width / size]
    }
    let y = try call.result(shape, ElementwiseChain.arrangement(of: [x], shape: x.shape))
    let (deep, wide) = isToSpace ? (x, y) : (y, x)
    StridedCopy.copy(
      isToSpace ? blocksOfDepth(deep, wide) : blocksOfSpace(wide),
      to: isToSpace ? blocksOfSpace(wide) : blocksOfDepth(deep, wide), threads: call.threads)
    return [.layout(y)]
  }

  /// [images, rows of a block, columns of a block, channels, height, width] of the deep value.
  private func blocksOfDepth(_ deep: StridedTensor, _ wide: StridedTensor) -> StridedTensor {
    let (stride, channels) = (deep.strides[1], wide.shape[1])
    let blocks =
      isColumnFirst
      ? [size * stride, stride, size * size * stride]
      : [size * channels * stride, channels * stride, stride]
    return deep.alias(
      shape: [deep.shape[0], size, size, channels] + deep.shape[2...],
      strides: [deep.strides[0]] + blocks + deep.strides[2...])
  }

  /// The same of the wide value.
  private func blocksOfSpace(_ wide: StridedTensor) -> StridedTensor {
    let strides = wide.strides
    return wide.alias(
      shape: [
        wide.shape[0], size, size, wide.shape[1], wide.shape[2] / size, wide.shape[3] / size,
      ],
      strides: [
        strides[0], strides[2], strides[3], strides[1], size * strides[2], size * strides[3],
      ])
  }
}
