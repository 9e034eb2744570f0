internal import SurgeonFormat
internal import SurgeonIR
internal import SurgeonRewrite

/// Finds what is wrong with the replacement of a rule.
struct ReplacementCheck {
  private let compiler: RuleCompiler
  private let variants: [RuleVariant]
  private let outputs: [GraphText.Name]
  /// Values that every pattern of the rule has, but for those that are replaced.
  private let known: Set<String>

  private var scanner: TextScanner { compiler.scanner }

  init(_ compiler: RuleCompiler, _ variants: [RuleVariant]) {
    (self.compiler, self.variants) = (compiler, variants)
    outputs = variants[0].outputs
    known = variants.dropFirst().reduce(variants[0].known) { $0.intersection($1.known) }
      .subtracting(outputs.map(\.text))
  }

  /// - Throws: `syntax` at the place of the mistake.
  func template() throws(SurgeonError) -> RuleTemplate {
    let nodes = compiler.rule.replacement
    let computed = try RuleVariant.producers(of: nodes, scanner)
    var defined = known
    var constants = Set(known.filter { compiler.isConstant($0) })
    var bodies: Set<String> = []
    for node in nodes {
      if let alternative = node.alternatives.first {
        throw scanner.error("a replacement has one operator", at: alternative.place)
      }
      for input in node.inputs
      where !input.text.isEmpty && !input.isNumber && !defined.contains(input.text) {
        throw undefined(input, isComputed: computed[input.text] != nil)
      }
      for attribute in node.attributes { try check(attribute, of: node, constants, &bodies) }
      if let others = node.otherAttributes,
        !variants.allSatisfy({ $0.otherAttributes.contains(others.text) })
      {
        throw scanner.error(
          "the pattern has no '<\(others.text)...>'", at: others.place,
          hint: "it stands in a node of the pattern for all attributes that are not named there")
      }
      let isConstant = node.inputs.allSatisfy {
        $0.text.isEmpty || $0.isNumber || constants.contains($0.text)
      }
      for output in node.outputs where !output.text.isEmpty {
        guard !known.contains(output.text) else {
          throw scanner.error("'\(output.text)' is a value of the pattern", at: output.place)
        }
        defined.insert(output.text)
        if isConstant { constants.insert(output.text) }
      }
    }
    for output in outputs where computed[output.text] == nil {
      throw scanner.error(
        "the replacement does not compute '\(output.text)'", at: output.place,
        hint: "to put a value of the pattern in its place: \(output.text) = Identity (x)")
    }
    return RuleTemplate(
      nodes: nodes, schemas: variants[0].schemas, outputs: outputs.map(\.text), sources: sources(),
      named: namedAttributes(), evaluator: compiler.evaluator)
  }

  private func undefined(_ input: GraphText.Name, isComputed: Bool) -> SurgeonError {
    let message: String
    if outputs.contains(where: { $0.text == input.text }), !isComputed {
      message = "'\(input.text)' is what the rule replaces"
    } else if variants.contains(where: { $0.known.contains(input.text) }), !isComputed {
      message = "not every alternative has '\(input.text)'"
    } else if isComputed {
      message = "'\(input.text)' is read before it is computed"
    } else {
      message = "nothing defines '\(input.text)'"
    }
    return scanner.error(message, at: input.place)
  }

  private func check(
    _ attribute: GraphText.AttributeText, of node: GraphText.NodeText, _ constants: Set<String>,
    _ bodies: inout Set<String>
  ) throws(SurgeonError) {
    guard case .plain(let payload) = attribute.payload else {
      throw scanner.error(
        "a rule file writes no bodies", at: attribute.place,
        hint: "capture the one of the pattern, '\(attribute.name) = @body', or write the rule in"
          + " Swift")
    }
    guard case .reference(let name, _) = payload else { return }
    if variants.allSatisfy({ $0.attributes["@\(name)"] != nil }) {
      let source = variants[0].attributes["@\(name)"] ?? .various
      if source.holdsBodies, !bodies.insert(name).inserted {
        throw scanner.error(
          "'@\(name)' is a body, which stands in one node alone", at: attribute.place)
      }
      return
    }
    guard constants.contains(name) else {
      let isValue = known.contains(name)
      throw scanner.error(
        isValue
          ? "'\(name)' is not a constant, so it is no attribute"
          : "the pattern captures no attribute '@\(name)'", at: attribute.place,
        hint: isValue ? "constant \(name)" : nil)
    }
  }

  private func sources() -> [String: AttributeSource] {
    variants[0].attributes.filter { name, source in
      variants.allSatisfy { $0.attributes[name] == source }
    }
  }

  /// By the name of `<others...>`: the attributes that the pattern names beside it.
  private func namedAttributes() -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    for node in variants.flatMap({ $0.rule.match }) {
      guard let others = node.otherAttributes else { continue }
      result[others.text, default: []].formUnion(node.attributes.map(\.name))
    }
    return result
  }
}

extension AttributeSource {
  /// True for the bodies of If, Loop and Scan.
  fileprivate var holdsBodies: Bool {
    opTypes.contains { opType in
      OperatorSchemas.versions(of: opType, domain: domain).contains { schema in
        schema.attribute(name).map { "gG".contains($0.type) } ?? false
      }
    }
  }
}
