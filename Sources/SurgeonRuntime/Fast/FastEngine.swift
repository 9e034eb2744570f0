internal import SurgeonIR

/// The Float32 engine: oneDNN and this package's vector kernels, with values channels-last from
/// operator to operator.
enum FastEngine {
  /// A kernel for `node`, or nil where this engine has none.
  ///
  /// Types and shapes are known only when the node runs: a kernel hands what it cannot do (another
  /// element type, an unusual attribute) to `fallback`.
  ///
  /// - Throws: `impossible` where oneDNN cannot be loaded.
  static func kernel(
    for node: NodeDescription, fallback: any Kernel
  ) throws(SurgeonError) -> (any Kernel)? {
    guard node.domain.isEmpty, let make = operators[node.opType],
      let kernel = try make(node, fallback)
    else { return nil }
    try OneDNN.load()
    return kernel
  }

  /// Operators whose second input, where it is constant, is read once.
  static let rearrangesWeights: Set<String> = ["Conv", "ConvTranspose", "Gemm"]

  private typealias Maker =
    @Sendable (NodeDescription, any Kernel) throws(SurgeonError) -> (any Kernel)?

  private static func box<Fast: FastKernel>(_ type: Fast.Type) -> Maker {
    { (node, fallback) throws(SurgeonError) in
      guard let fast = try Fast(node) else { return nil }
      return FastKernelBox(fast, fallback: fallback)
    }
  }

  private static func box<First: FastKernel, Second: FastKernel>(
    _ first: First.Type, or second: Second.Type
  ) -> Maker {
    { (node, fallback) throws(SurgeonError) in
      if let fast = try First(node) { return FastKernelBox(fast, fallback: fallback) }
      guard let fast = try Second(node) else { return nil }
      return FastKernelBox(fast, fallback: fallback)
    }
  }

  /// One line for each operator, in alphabetical order.
  private static let operators: [String: Maker] = [
    "Abs": box(FastUnary.self),
    "Add": box(FastBinary.self),
    "ArgMax": box(FastArgExtremum.self),
    "ArgMin": box(FastArgExtremum.self),
    "AveragePool": box(FastPool.self),
    "BatchNormalization": box(FastBatchNormalization.self),
    "Ceil": box(FastUnary.self),
    "Celu": box(FastUnary.self),
    "Clip": box(FastUnary.self),
    "Concat": box(FastConcat.self),
    "Conv": box(FastConvolution.self),
    "ConvTranspose": box(FastConvolution.self),
    "Cos": box(FastUnary.self),
    "DepthToSpace": box(FastDepthSpace.self),
    "Div": box(FastBinary.self),
    "Dropout": box(FastPassThrough.self),
    "Einsum": box(FastEinsum.self),
    "Elu": box(FastUnary.self),
    "Erf": box(FastUnary.self),
    "Exp": box(FastUnary.self),
    "Expand": box(FastExpand.self),
    "Flatten": box(FastReshape.self),
    "Floor": box(FastUnary.self),
    "GRU": box(FastRecurrence.self),
    "Gelu": box(FastUnary.self),
    "Gemm": box(FastGemm.self),
    "GlobalAveragePool": box(FastReduction.self),
    "GlobalMaxPool": box(FastReduction.self),
    "GroupNormalization": box(FastGroupNormalization.self),
    "HardSigmoid": box(FastUnary.self),
    "HardSwish": box(FastUnary.self),
    "Hardmax": box(FastHardmax.self),
    "Identity": box(FastPassThrough.self),
    "InstanceNormalization": box(FastGroupNormalization.self),
    "LRN": box(FastLRN.self),
    "LSTM": box(FastRecurrence.self),
    "LayerNormalization": box(FastGroupNormalization.self),
    "LeakyRelu": box(FastUnary.self),
    "Log": box(FastUnary.self),
    "LogSoftmax": box(FastSoftmax.self),
    "MatMul": box(FastMatMul.self),
    "Max": box(FastBinary.self),
    "MaxPool": box(FastPool.self),
    "Min": box(FastBinary.self),
    "Mish": box(FastUnary.self),
    "Mul": box(FastBinary.self),
    "Neg": box(FastUnary.self),
    "PRelu": box(FastBinary.self),
    "Pad": box(FastPad.self),
    "Reciprocal": box(FastUnary.self),
    "Pow": box(FastUnary.self, or: FastBinary.self),
    "RMSNormalization": box(FastGroupNormalization.self),
    "RNN": box(FastRecurrence.self),
    "ReduceL1": box(FastReduction.self),
    "ReduceL2": box(FastReduction.self),
    "ReduceLogSum": box(FastReduction.self),
    "ReduceLogSumExp": box(FastLogSumExp.self),
    "ReduceMax": box(FastReduction.self),
    "ReduceMean": box(FastReduction.self),
    "ReduceMin": box(FastReduction.self),
    "ReduceSum": box(FastReduction.self),
    "ReduceSumSquare": box(FastReduction.self),
    "Relu": box(FastUnary.self),
    "Reshape": box(FastReshape.self),
    "Resize": box(FastResize.self),
    "Round": box(FastUnary.self),
    "Selu": box(FastUnary.self),
    "Shape": box(FastShape.self),
    "Sigmoid": box(FastUnary.self),
    "Sign": box(FastUnary.self),
    "Sin": box(FastUnary.self),
    "Slice": box(FastSlice.self),
    "Softmax": box(FastSoftmax.self),
    "Softplus": box(FastUnary.self),
    "Softsign": box(FastUnary.self),
    "SpaceToDepth": box(FastDepthSpace.self),
    "Split": box(FastSplit.self),
    "Sqrt": box(FastUnary.self),
    "Squeeze": box(FastReshape.self),
    "Sub": box(FastBinary.self),
    "Sum": box(FastBinary.self),
    "Swish": box(FastUnary.self),
    "Tanh": box(FastUnary.self),
    "Transpose": box(FastTranspose.self),
    "Unsqueeze": box(FastReshape.self),
    "Upsample": box(FastResize.self),
  ]
}
