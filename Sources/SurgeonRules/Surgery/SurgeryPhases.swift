internal import SurgeonIR
internal import SurgeonRewrite

/// The rules of a surgery, in phases: a phase comes to its end before the next begins, so that a
/// node is prepared (frozen, its tail absorbed) before it is replaced.
struct SurgeryPhases {
  private(set) var rules: [[RewriteRule]] = []

  init(_ sites: [NormalizationSite]) {
    func nodes(_ isMember: (NormalizationSite) -> Bool) -> Set<Node.ID> {
      Set(sites.lazy.filter(isMember).map(\.node))
    }
    func frozen(_ forms: NormalizationOptions.Form...) -> Set<Node.ID> {
      nodes { $0.options.target == .frozen && forms.contains($0.options.form) }
    }
    func add(
      _ nodes: Set<Node.ID>, _ makeRules: (NodeSelection) -> [RewriteRule]
    ) {
      if !nodes.isEmpty { rules.append(makeRules(.nodes(nodes))) }
    }

    // Folding changes weights that others see as the network's own, under the promise that nothing
    // else changes; it takes no node that is in training mode.
    add(
      nodes {
        $0.trainingEvidence != nil
          && ($0.options.target == .batchnorm
            || ($0.options.target == .frozen && $0.options.form != .fold))
      }
    ) { [.freezeTraining(of: $0)] }
    add(frozen(.affine, .fold)) { [.absorbScale(of: $0), .absorbShift(of: $0)] }
    add(frozen(.fold)) {
      [
        .foldIntoConv(of: $0), .foldIntoConvTranspose(of: $0), .foldIntoGemm(of: $0),
        .foldIntoMatMul(of: $0),
      ]
    }
    add(frozen(.fold)) { [.foldIntoNextConv(of: $0)] }
    add(frozen(.affine, .fold)) { [.frozenAffine(of: $0)] }
    add(frozen(.split)) { [.frozenSplit(of: $0)] }
  }
}
