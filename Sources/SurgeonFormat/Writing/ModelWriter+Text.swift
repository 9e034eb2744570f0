internal import SurgeonIR

extension ModelWriter {
  /// Endings of formats that ONNX models are kept in elsewhere, and that are not written here.
  private static let foreignEndings = [
    ".txt", ".json", ".onnxjson", ".textproto", ".prototxt", ".pbtxt",
  ]

  /// True for the name of a file in ONNX's textual syntax.
  static func isText(_ path: String) -> Bool { path.hasSuffix(".onnxtxt") }

  /// - Throws: `impossible` where the ending promises another format than the model file.
  static func checkEnding(of path: String) throws(SurgeonError) {
    guard let ending = foreignEndings.first(where: { path.hasSuffix($0) }) else { return }
    throw SurgeonError(
      .impossible, "cannot write '\(path)': models are not written as \(ending)",
      hint: "a name that ends in .onnxtxt gives ONNX's text syntax, one in .onnx a model file")
  }

  /// Writes a model in ONNX's textual syntax, every constant in full.
  ///
  /// - Throws: `impossible` where the model holds what the syntax cannot say; what reading a constant
  ///   throws.
  static func writeText(_ model: Model, to path: String) throws(SurgeonError) -> Report {
    for value in model.allValues {
      if model[value].sparseInitializer != nil {
        throw sparse("initializer '\(model[value].name)'", path)
      }
      try model[value].initializer?.checkReadable()
    }
    for node in model.allNodes {
      for attribute in model[node].attributes {
        switch attribute.payload {
        case .sparseTensor, .sparseTensors, .unknown:
          throw sparse("attribute '\(attribute.name)' of \(model[node].opType)", path)
        case .tensor(let tensor): try tensor.checkReadable()
        case .tensors(let tensors): for tensor in tensors { try tensor.checkReadable() }
        default: continue
        }
      }
    }
    var options = OnnxText.PrintOptions(largestConstant: .max)
    options.inlinesExternalData = true
    var pieces = PieceList()
    pieces.append(OnnxText.print(model, options: options).utf8)
    let file = try AtomicFile.replacing(path, madeFrom: model.source?.path)
    try file.write(pieces)
    try file.commit()
    return Report(byteCount: pieces.count)
  }

  private static func sparse(_ place: String, _ path: String) -> SurgeonError {
    SurgeonError(
      .impossible, "cannot write '\(path)' as text",
      detail: "\(place) is sparse or of an unknown type, for which ONNX's text syntax has no words",
      hint: "give the output a name that ends in .onnx")
  }
}

extension Tensor {
  fileprivate func checkReadable() throws(SurgeonError) {
    if case .strings = storage { return }
    _ = try bytes()
  }
}
