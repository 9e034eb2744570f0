internal import SurgeonIR

/// A BatchNormalization of the model and what the plan has for it.
struct NormalizationSite {
  let node: Node.ID
  let name: String
  let options: NormalizationOptions
  /// Nil where the node cannot be read.
  let norm: BatchNormalization?
  /// Why it cannot.
  let unreadable: SurgeonError?

  var trainingEvidence: String? {
    if case .training(let evidence)? = norm?.mode { evidence } else { nil }
  }

  /// Every BatchNormalization, bodies and functions included.
  ///
  /// - Parameter left: nodes that are kept, whatever the plan has for them.
  static func all(
    in model: Model, plan: NormalizationPlan, leaving left: Set<Node.ID> = []
  ) -> [NormalizationSite] {
    model.allNodes.compactMap { node -> NormalizationSite? in
      let record = model[node]
      guard record.opType == "BatchNormalization", Model.canonical(record.domain).isEmpty else {
        return nil
      }
      let name = model.label(of: node)
      let planned = left.contains(node) ? nil : plan.options(for: name)
      let options = planned ?? NormalizationOptions(target: .keep)
      do throws(SurgeonError) {
        return NormalizationSite(
          node: node, name: name, options: options,
          norm: try BatchNormalization(node, in: model), unreadable: nil)
      } catch {
        return NormalizationSite(
          node: node, name: name, options: options, norm: nil, unreadable: error)
      }
    }
  }
}
