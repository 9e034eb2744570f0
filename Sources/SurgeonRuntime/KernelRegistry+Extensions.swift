internal import SurgeonIR

extension KernelRegistry {
  /// One line for each operator of ai.onnx.ml, in alphabetical order.
  static let machineLearningOperators: [Operator] = [
    Operator(
      "ArrayFeatureExtractor", domain: "ai.onnx.ml", since: [1], number(ArrayFeatureExtractor.self)),
    Operator("Binarizer", domain: "ai.onnx.ml", since: [1], number(Binarizer.self)),
    Operator("LabelEncoder", domain: "ai.onnx.ml", since: [1, 2, 4], LabelEncoder.run),
    Operator("TreeEnsemble", domain: "ai.onnx.ml", since: [5], TreeEnsemble.run),
  ]

  /// One line for each operator of ai.onnx.preview, in alphabetical order.
  static let previewOperators: [Operator] = [
    Operator("FlexAttention", domain: "ai.onnx.preview", since: [1], real(FlexAttention.self))
  ]

  /// One line for each operator of ai.onnx.preview.training, in alphabetical order.
  static let trainingOperators: [Operator] = [
    Operator(
      "Adagrad", domain: "ai.onnx.preview.training", since: [1], real(Optimizers.Adagrad.self)),
    Operator("Adam", domain: "ai.onnx.preview.training", since: [1], real(Optimizers.Adam.self)),
    // Never runs: `GradientExpansion` replaces it before the plan is made.
    Operator(
      "Gradient", domain: GradientExpansion.domain, since: [1],
      kernel: { _ throws(SurgeonError) in
        throw SurgeonError(.invalidNode, "a Gradient node stands where none can be replaced")
      }),
    Operator(
      "Momentum", domain: "ai.onnx.preview.training", since: [1], real(Optimizers.Momentum.self)),
  ]

  /// One line for each operator that only derivatives need.
  static let gradientOperators: [Operator] = [
    gradient(GradientOperators.broadcastLike, GradientOperators.BroadcastLike.run),
    gradient(GradientOperators.channelSum, real(GradientOperators.ChannelSum.self)),
    gradient(GradientOperators.concatPart, GradientOperators.ConcatPart.run),
    gradient(GradientOperators.convInput, real(GradientOperators.ConvInput.self)),
    gradient(GradientOperators.convWeights, real(GradientOperators.ConvWeights.self)),
    gradient(GradientOperators.fillLike, real(GradientOperators.FillLike.self)),
    gradient(GradientOperators.leftFactor, real(GradientOperators.LeftFactor.self)),
    gradient(GradientOperators.reshapeLike, GradientOperators.ReshapeLike.run),
    gradient(GradientOperators.rightFactor, real(GradientOperators.RightFactor.self)),
    gradient(GradientOperators.spread, real(GradientOperators.Spread.self)),
    gradient(GradientOperators.sumAxis, real(GradientOperators.SumAxis.self)),
    gradient(GradientOperators.sumLike, real(GradientOperators.SumLike.self)),
  ]

  private static func gradient(
    _ opType: String, _ run: @escaping ReferenceKernel.Body
  ) -> Operator {
    Operator(opType, domain: GradientOperators.domain, since: [1], run)
  }
}
