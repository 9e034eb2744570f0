internal import SurgeonIR

/// The operators of ai.onnx.ml: X is [N, features] or [features].
enum MachineLearning {
  private static func batch(_ node: borrowing NodeInference) -> Dimension {
    guard let x = node.shape(0) else { return .unknown }
    return x.rank < 2 ? .known(1) : x[0]
  }

  /// Scaler, Normalizer: Float32 of the input's shape.
  static func float(_ node: inout NodeInference) { node.set(.float32, node.shape(0)) }

  /// ArrayFeatureExtractor: picks along the last axis.
  static func extractor(_ node: inout NodeInference) {
    node.set(node.elementType(0), nil)
    guard let x = node.shape(0), let indices = node.shape(1) else { return }
    let picked = Dimension.product(indices.dimensions)
    node.set(
      node.elementType(0), x.rank == 1 ? [.known(1), picked] : x.dimensions.dropLast() + [picked])
  }

  /// LabelEncoder: the output's type is that of the attribute that holds the values.
  static func labelEncoder(_ node: inout NodeInference) {
    var elementType: ElementType?
    if node.opset < 2 {
      elementType = node.elementType(0) == .string ? .int64 : .string
    } else if let values = node.tensor("values_tensor") {
      elementType = values.elementType
    } else if node.attribute("values_strings") != nil {
      elementType = .string
    } else if node.attribute("values_int64s") != nil {
      elementType = .int64
    } else if node.attribute("values_floats") != nil {
      elementType = .float32
    }
    node.set(elementType, node.shape(0))
  }

  /// CategoryMapper: strings to integers, and the other way.
  static func categoryMapper(_ node: inout NodeInference) {
    node.set(
      node.elementType(0).map { $0 == .string ? .int64 : .string }, node.shape(0))
  }

  /// OneHotEncoder: one more axis, as long as there are categories.
  static func oneHotEncoder(_ node: inout NodeInference) {
    var categories = node.ints("cats_int64s")?.count
    if case .strings(let names)? = node.attribute("cats_strings"), !names.isEmpty {
      categories = names.count
    }
    let last = categories.map { Dimension.known($0) } ?? .unknown
    node.set(.float32, node.shape(0).map { Shape($0.dimensions + [last]) })
  }

  /// FeatureVectorizer: [N, the sum of inputdimensions].
  static func vectorizer(_ node: inout NodeInference) {
    let columns = node.ints("inputdimensions").map { Dimension.known($0.reduce(0, &+)) }
    node.set(.float32, [batch(node), columns ?? .unknown])
  }

  static func castMap(_ node: inout NodeInference) {
    let types: [String: ElementType] = ["TO_FLOAT": .float32, "TO_INT64": .int64]
    node.set(types[node.string("cast_to") ?? "TO_FLOAT"] ?? .string, .ofRank(2))
  }

  static func dictVectorizer(_ node: inout NodeInference) {
    guard case .map(_, let value)? = node.type(0)?.kind else { return }
    var words = node.ints("int64_vocabulary")?.count
    if case .strings(let names)? = node.attribute("string_vocabulary") { words = names.count }
    node.set(value.elementType, [.known(1), words.map { .known($0) } ?? .unknown])
  }

  /// ZipMap: a sequence of maps from class to score.
  static func zipMap(_ node: inout NodeInference) {
    let key: ElementType = node.attribute("classlabels_strings") != nil ? .string : .int64
    let score = ValueType.tensor(.float32, Shape([Int]()))
    node.set(ValueType(.sequence(ValueType(.map(key: key, value: score)))))
  }

  /// The classifiers: the label of each sample, and a score per class.
  static func classifier(_ node: inout NodeInference) {
    var classes: Int?
    var label = ElementType.int64
    for name in ["classlabels_ints", "classlabels_int64s"] {
      if let labels = node.ints(name), !labels.isEmpty { classes = labels.count }
    }
    if case .strings(let labels)? = node.attribute("classlabels_strings"), !labels.isEmpty {
      classes = labels.count
      label = .string
    }
    node.set(0, label, [batch(node)])
    node.set(1, .float32, [batch(node), classes.map { .known($0) } ?? .unknown])
  }

  /// The regressors: [N, targets].
  static func regressor(_ node: inout NodeInference) {
    let targets = node.int("n_targets") ?? node.int("targets") ?? 1
    let isEnsemble = node.node.opType == "TreeEnsemble"
    node.set(
      isEnsemble ? node.elementType(0) : .float32, [batch(node), .known(max(targets, 0))])
  }
}
