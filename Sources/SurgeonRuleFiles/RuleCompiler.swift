internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// Turns the text of a rule into a rule, and finds what is wrong with it on the way.
struct RuleCompiler {
  let rule: RuleText
  let file: String
  let scanner: TextScanner
  let evaluator: any ConstantEvaluator

  func compile() throws(SurgeonError) -> RewriteRule {
    guard let fidelity = rule.fidelity else {
      throw scanner.error(
        "rule '\(rule.name.text)' does not say its fidelity", at: rule.name.place,
        hint: "'fidelity rounding': the same function within rounding")
    }
    guard !rule.match.isEmpty else {
      throw scanner.error("rule '\(rule.name.text)' has no 'match'", at: rule.name.place)
    }
    var variants: [RuleVariant] = []
    for text in rule.variants {
      variants.append(
        try RuleVariant(
          RuleCompiler(rule: text, file: file, scanner: scanner, evaluator: evaluator)))
    }
    try checkAlternatives(variants)
    try checkConditions(variants)
    var patterns: [[Pattern]] = []
    for variant in variants { patterns.append(try RulePattern(variant).patterns()) }
    let replacement = try ReplacementCheck(self, variants).template()
    let root =
      patterns.count == 1
      ? patterns[0][0] : Op.either(patterns.map { $0[0] }, at: location(rule.name.place))
    return RewriteRule(
      rule.name.text, rule.summary, fidelity: fidelity, pattern: root,
      roots: Array(patterns[0].dropFirst()), subject: nil,
      conditions: RuleConditions(self, variants).make(), at: location(rule.name.place)
    ) { match, context, patch in
      try replacement.record(match, context, &patch)
    }
  }

  func location(_ place: Int) -> SourceLocation {
    SourceLocation(file: file, line: scanner.line(at: place))
  }

  /// Patterns that stand for each other have one root, which computes the same names.
  private func checkAlternatives(_ variants: [RuleVariant]) throws(SurgeonError) {
    guard variants.count > 1 else { return }
    for variant in variants {
      guard variant.roots.count == 1, let root = variant.roots.first else {
        throw scanner.error(
          "a pattern with alternatives has one result",
          at: variant.rule.match[variant.roots[0]].place)
      }
      guard variant.outputs.map(\.text) == variants[0].outputs.map(\.text) else {
        let names = variants[0].outputs.map { "'\($0.text)'" }.joined(separator: ", ")
        throw scanner.error(
          "this alternative ends with another name than the first, which computes \(names)",
          at: variant.rule.match[root].place)
      }
    }
  }

  private func checkConditions(_ variants: [RuleVariant]) throws(SurgeonError) {
    for condition in rule.conditions {
      var names = condition.names
      if case .perChannel(let of) = condition.kind { names.append(of) }
      for name in names {
        let isThere = variants.map {
          name.isAttribute ? $0.attributes[name.text] != nil : $0.known.contains(name.text)
        }
        guard isThere.contains(true) else {
          throw scanner.error(
            name.isAttribute
              ? "the pattern captures no attribute '\(name.text)'"
              : "the pattern has no value '\(name.text)'", at: name.place)
        }
        guard condition.isAboutOneValue || !isThere.contains(false) else {
          throw scanner.error("not every alternative has '\(name.text)'", at: name.place)
        }
      }
      switch condition.kind {
      case .constant, .optional, .equals:
        for name in condition.names
        where variants.contains(where: { $0.producers[name.text] != nil }) {
          throw scanner.error(
            "'\(name.text)' is computed by the pattern, so it is no input", at: name.place)
        }
      case .perChannel:
        for name in condition.names where !isConstant(name.text) {
          throw scanner.error(
            "'\(name.text)' must be a constant to be one per channel", at: name.place,
            hint: "constant \(name.text)")
        }
      default: break
      }
    }
  }

  func isConstant(_ name: String) -> Bool {
    rule.conditions.contains {
      switch $0.kind {
      case .constant, .equals: $0.names.contains { $0.text == name }
      default: false
      }
    }
  }

  func isOptional(_ name: String) -> Bool {
    rule.conditions.contains {
      if case .optional = $0.kind { $0.names.contains { $0.text == name } } else { false }
    }
  }
}

extension ConditionText {
  /// True where it is asked of each value by itself, while the pattern is matched.
  var isAboutOneValue: Bool {
    switch kind {
    case .constant, .notConstant, .optional, .usedOnce, .usedOnlyInside, .rank, .shape,
      .elementType, .equals, .opset:
      true
    case .attributeEquals, .inverse, .perChannel, .sameShape, .sameType: false
    }
  }
}
