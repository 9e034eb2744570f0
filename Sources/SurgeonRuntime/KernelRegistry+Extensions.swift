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
    Operator(
      "Momentum", domain: "ai.onnx.preview.training", since: [1], real(Optimizers.Momentum.self)),
  ]
}
