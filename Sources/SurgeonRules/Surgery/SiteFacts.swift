internal import SurgeonIR
internal import SurgeonRewrite
internal import SurgeonShapes

/// What a report says of a node besides what was done to it.
struct SiteFacts {
  let model: Model
  let types: TypeTable?

  init(model: Model) {
    self.model = model
    types = try? ShapeInference.infer(model)
  }

  func rank(of site: NormalizationSite) -> Int? {
    guard let norm = site.norm else { return nil }
    return types?.rank(norm.input) ?? model[norm.input].type?.rank
  }

  /// From the parameters' shape, or from X's.
  func channels(of site: NormalizationSite) -> Int? {
    guard let norm = site.norm else { return nil }
    for value in [norm.gamma, norm.mean] {
      let shape = types?.shape(value) ?? model[value].type?.shape
      if let count = shape?.dimensions.first?.value { return count }
    }
    let shape = types?.shape(norm.input) ?? model[norm.input].type?.shape
    return shape.flatMap { $0.rank > 1 ? $0.dimensions[1].value : nil }
  }

  /// Every reason why nothing became of a node.
  func reasons(against site: NormalizationSite, policy: RewritePolicy) -> [String] {
    guard let norm = site.norm else {
      return [site.unreadable.map { $0.reason } ?? "the node cannot be read"]
    }
    var reasons: [String] = []
    if let evidence = site.trainingEvidence {
      reasons.append(
        "it is in training mode (\(evidence)): it normalises with the statistics of the batch, and "
          + "with the running ones the function would change")
    } else if site.options.target == .batchnorm {
      reasons.append("it is a BatchNormalization in inference mode already")
    }
    do {
      let parameters = try BatchNormalizationParameters(
        of: norm, in: model, trustsDefaults: policy.trustsDefaults)
      if OperatorSpelling(opset: norm.opset).needsRank(parameters.shape), rank(of: site) == nil {
        reasons.append(
          "the rank of '\(model[norm.input].name)' is not recorded and cannot be inferred")
      }
    } catch {
      reasons.append(error.reason)
    }
    return reasons
  }
}

extension SurgeonError {
  /// Message and detail in one sentence.
  var reason: String { detail.map { "\(message): \($0)" } ?? message }
}
