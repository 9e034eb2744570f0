internal import SurgeonIR
internal import SurgeonRewrite

/// The rules of a surgery, in phases: a phase comes to its end before the next begins, so that a
/// node is prepared (frozen, its tail absorbed) before it is replaced.
struct SurgeryPhases {
  enum Name { case freeze, absorb, fold, foldAhead, remainder, split, stateful, group }

  struct Phase {
    let name: Name
    let rules: [RewriteRule]
  }

  private(set) var phases: [Phase] = []

  /// Every rule that puts a BatchNormalization into a neighbour.
  static func folds(of selection: NodeSelection) -> [RewriteRule] {
    [
      .foldIntoConv(of: selection), .foldIntoConvTranspose(of: selection),
      .foldIntoGemm(of: selection), .foldIntoMatMul(of: selection),
      .foldIntoNextConv(of: selection),
    ]
  }

  /// - Parameter functions: those of the model that compute a form of Welford's recurrence.
  init(
    _ sites: [NormalizationSite], groups: [GroupDecision], functions: [WelfordForm: String] = [:]
  ) {
    func nodes(_ isMember: (NormalizationSite) -> Bool) -> Set<Node.ID> {
      Set(sites.lazy.filter(isMember).map(\.node))
    }
    func frozen(_ forms: NormalizationOptions.Form...) -> Set<Node.ID> {
      nodes { $0.options.target == .frozen && forms.contains($0.options.form) }
    }
    func add(
      _ name: Name, _ nodes: Set<Node.ID>, _ makeRules: (NodeSelection) -> [RewriteRule]
    ) {
      if !nodes.isEmpty { phases.append(Phase(name: name, rules: makeRules(.nodes(nodes)))) }
    }
    let options = Dictionary(
      sites.map { ($0.name, $0.options) }, uniquingKeysWith: { first, _ in first })
    let plans = Dictionary(
      groups.map { ($0.site.name, $0.plan) }, uniquingKeysWith: { first, _ in first })

    add(
      .freeze,
      nodes {
        $0.trainingEvidence != nil && $0.options.target.freezesTraining
      }
    ) { [.freezeTraining(of: $0)] }
    add(.absorb, frozen(.affine, .fold)) { [.absorbScale(of: $0), .absorbShift(of: $0)] }
    // What stands before a node takes it rather than what stands after it.
    add(.fold, frozen(.fold)) { Self.folds(of: $0).dropLast() }
    add(.foldAhead, frozen(.fold)) { [.foldIntoNextConv(of: $0)] }
    add(.remainder, frozen(.affine, .fold)) { [.frozenAffine(of: $0)] }
    add(.split, frozen(.split)) { [.frozenSplit(of: $0)] }
    add(.stateful, nodes { $0.options.target == .welford }) {
      [
        .welford(of: $0) {
          options[$0]?.welford ?? WelfordOptions()
        } calling: { name, form in
          options[name]?.callsFunction == true ? functions[form] : nil
        }
      ]
    }
    add(.stateful, nodes { $0.options.target == .running }) {
      [
        .running(of: $0) { name in
          let options = options[name] ?? NormalizationOptions(target: .running)
          return RunningOptions(
            momentum: options.momentum, start: options.welford.start,
            normalization: options.welford.normalization)
        }
      ]
    }
    add(.group, Set(groups.map(\.site.node))) { [.groupNorm(of: $0) { plans[$0] }] }
  }
}
