internal import SurgeonIR
internal import SurgeonShapes

/// What a report says of a node besides what was done to it.
struct SiteFacts {
  let model: Model
  private let types: TypeTable?

  init(model: Model) {
    self.model = model
    types = try? ShapeInference.infer(model)
  }

  func shape(of site: NormalizationSite) -> Shape? {
    guard let norm = site.norm else { return nil }
    return types?.shape(norm.input) ?? model[norm.input].type?.shape
  }

  func rank(of site: NormalizationSite) -> Int? { shape(of: site)?.rank }

  /// The element type of X; before opset 15 gamma has it too. Float32 where neither is known.
  func elementType(of site: NormalizationSite) -> ElementType {
    guard let norm = site.norm else { return .float32 }
    for value in [norm.input, norm.gamma] {
      let known = types?[value]?.elementType ?? model[value].type?.elementType
      if let known, known != .undefined { return known }
    }
    return .float32
  }

  /// From the parameters' shape, or from X's.
  func channels(of site: NormalizationSite) -> Int? {
    guard let norm = site.norm else { return nil }
    for value in [norm.gamma, norm.mean] {
      let shape = types?.shape(value) ?? model[value].type?.shape
      if let count = shape?.dimensions.first?.value { return count }
    }
    return shape(of: site).flatMap { $0.rank > 1 ? $0.dimensions[1].value : nil }
  }
}

extension SurgeonError {
  /// Message and detail in one sentence.
  var reason: String { detail.map { "\(message): \($0)" } ?? message }
}
