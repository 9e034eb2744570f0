internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// Turns the text of a rule into a rule, and finds what is wrong with it on the way.
struct RuleCompiler {
  let rule: RuleText
  let file: String
  let scanner: TextScanner
  let evaluator: any ConstantEvaluator

  /// How the text spells the node that computes a value.
  typealias Producers = [String: (node: Int, output: Int)]

  func compile() throws(SurgeonError) -> RewriteRule {
    guard let fidelity = rule.fidelity else {
      throw scanner.error(
        "rule '\(rule.name.text)' does not say its fidelity", at: rule.name.place,
        hint: "'fidelity rounding': the same function within rounding")
    }
    guard !rule.match.isEmpty else {
      throw scanner.error("rule '\(rule.name.text)' has no 'match'", at: rule.name.place)
    }
    let producers = try Self.producers(of: rule.match, scanner)
    let roots = rootNodes(producers)
    try checkConditions(producers)
    try checkRest(producers)
    let schemas = SchemaCheck(rule)
    if let problem = schemas.problem() {
      throw scanner.error(problem.message, at: problem.place, hint: problem.hint)
    }
    let pattern = try RulePattern(compiler: self, producers: producers)
    let patterns = try pattern.patterns(forRoots: roots)
    let outputs = roots.flatMap { rule.match[$0].outputs.filter { !$0.text.isEmpty } }
    let template = try template(producers, outputs, schemas)
    return RewriteRule(
      rule.name.text, rule.summary, fidelity: fidelity, pattern: patterns[0],
      roots: Array(patterns.dropFirst()), subject: nil, conditions: conditions(schemas),
      at: location(rule.name.place)
    ) { match, context, patch in
      try template.record(match, context, &patch)
    }
  }

  func location(_ place: Int) -> SourceLocation {
    SourceLocation(file: file, line: scanner.line(at: place))
  }

  static func producers(
    of nodes: [GraphText.NodeText], _ scanner: TextScanner
  ) throws(SurgeonError) -> Producers {
    var producers: Producers = [:]
    for (index, node) in nodes.enumerated() {
      for (slot, output) in node.outputs.enumerated() where !output.text.isEmpty {
        guard producers[output.text] == nil else {
          throw scanner.error("'\(output.text)' is computed twice", at: output.place)
        }
        producers[output.text] = (index, slot)
      }
    }
    return producers
  }

  /// Nodes of the pattern whose results no other node of it reads, the last of the text first.
  private func rootNodes(_ producers: Producers) -> [Int] {
    var read: Set<Int> = []
    for node in rule.match {
      for input in node.inputs {
        if let producer = producers[input.text] { read.insert(producer.node) }
      }
    }
    return rule.match.indices.filter { !read.contains($0) }.reversed()
  }

  /// Names that the pattern knows: what its nodes compute and what they read.
  private func knownNames(_ producers: Producers) -> Set<String> {
    let read = rule.match.flatMap(\.inputs).filter { !$0.isNumber }.map(\.text)
    return Set(producers.keys).union(read).subtracting([""])
  }

  /// Names that stand for any number of values: `x...`.
  private var restNames: Set<String> {
    Set(rule.match.flatMap(\.inputs).filter(\.isRest).map(\.text))
  }

  private func checkRest(_ producers: Producers) throws(SurgeonError) {
    let names = restNames
    for node in rule.match + rule.replacement {
      for (index, input) in node.inputs.enumerated() where names.contains(input.text) {
        guard input.isRest else {
          throw scanner.error(
            "'\(input.text)' stands for any number of values", at: input.place,
            hint: "write \(input.text)...")
        }
        guard producers[input.text] == nil else {
          throw scanner.error("'\(input.text)' is computed by the pattern", at: input.place)
        }
        guard index == node.inputs.count - 1 else {
          throw scanner.error("only the last input can stand for all that follow", at: input.place)
        }
      }
    }
    for input in rule.replacement.flatMap(\.inputs)
    where input.isRest && !names.contains(input.text) {
      throw scanner.error(
        "'\(input.text)' does not stand for several values of the pattern", at: input.place)
    }
    for condition in rule.conditions {
      for name in condition.names where names.contains(name.text) {
        throw scanner.error("'\(name.text)' stands for any number of values", at: name.place)
      }
    }
  }

  private func checkConditions(_ producers: Producers) throws(SurgeonError) {
    let known = knownNames(producers)
    for condition in rule.conditions {
      var names = condition.names
      if case .perChannel(let of) = condition.kind { names.append(of) }
      for name in names where !known.contains(name.text) {
        throw scanner.error("the pattern has no value '\(name.text)'", at: name.place)
      }
      switch condition.kind {
      case .constant, .optional, .equals:
        for name in condition.names where producers[name.text] != nil {
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

  private func template(
    _ producers: Producers, _ outputs: [GraphText.Name], _ schemas: SchemaCheck
  ) throws(SurgeonError) -> RuleTemplate {
    var known = knownNames(producers)
    known.subtract(outputs.map(\.text))
    let attributes = Set(
      rule.match.flatMap(\.attributes).compactMap { attribute -> String? in
        if case .plain(.reference(let name, _)) = attribute.payload { name } else { nil }
      })
    let computed = try Self.producers(of: rule.replacement, scanner)
    var defined = known
    for node in rule.replacement {
      if let alternative = node.alternatives.first {
        throw scanner.error("a replacement has one operator", at: alternative.place)
      }
      for input in node.inputs
      where !input.text.isEmpty && !input.isNumber && !defined.contains(input.text) {
        throw scanner.error(
          outputs.contains { $0.text == input.text } && computed[input.text] == nil
            ? "'\(input.text)' is what the rule replaces" : "nothing defines '\(input.text)'",
          at: input.place)
      }
      for attribute in node.attributes {
        guard case .plain(let payload) = attribute.payload else {
          throw scanner.error(
            "a rule file writes no bodies", at: attribute.place,
            hint:
              "capture the one of the pattern, '\(attribute.name) = @body', or write the rule in"
              + " Swift")
        }
        if case .reference(let name, _) = payload, !attributes.contains(name) {
          throw scanner.error("the pattern captures no attribute '@\(name)'", at: attribute.place)
        }
      }
      for output in node.outputs where !output.text.isEmpty {
        guard !known.contains(output.text) else {
          throw scanner.error("'\(output.text)' is a value of the pattern", at: output.place)
        }
        defined.insert(output.text)
      }
    }
    for output in outputs where computed[output.text] == nil {
      throw scanner.error(
        "the replacement does not compute '\(output.text)'", at: output.place,
        hint: "to put a value of the pattern in its place: \(output.text) = Identity (x)")
    }
    return RuleTemplate(
      nodes: rule.replacement, schemas: schemas, outputs: outputs.map(\.text), evaluator: evaluator)
  }

  private func conditions(_ schemas: SchemaCheck) -> [Condition] {
    var result: [Condition] = []
    let versions = schemas.opsetsOfReplacement()
    if versions.count < schemas.opsets.count, let first = versions.first, let last = versions.last {
      result.append(
        Condition(
          "the operators of the replacement are as in operator set \(first) to \(last)",
          remedy: "convert the model to such an operator set", at: location(rule.name.place)
        ) { _, context in
          guard let version = context.opset() else { return true }
          return versions.contains(version) || version > OperatorTable.latestOpset
        })
    }
    for condition in rule.conditions {
      switch condition.kind {
      case .opset(let versions):
        result.append(
          Condition(
            "the model uses opset \(versions.lowerBound) to \(versions.upperBound)",
            at: location(condition.place)
          ) { _, context in context.opset().map(versions.contains) ?? false })
      case .perChannel(let other):
        for name in condition.names {
          result.append(
            PerChannel(constant: name.text, other: other.text).condition(
              at: location(condition.place)))
        }
      default: break
      }
    }
    return result
  }
}

extension GraphText.Name {
  var isNumber: Bool {
    switch operand {
    case .number, .numbers: true
    case .rest, nil: false
    }
  }

  var isRest: Bool { if case .rest? = operand { true } else { false } }
}
